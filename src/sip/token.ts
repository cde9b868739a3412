/** Lower-case code of each character that may stand in a token (RFC 3261 §25.1), 0 for all others. */
export const TOKEN_LOWER: Uint8Array = tokenTable();

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256);
  const characters = "abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~";
  for (const character of characters) {
    table[character.charCodeAt(0)] = character.charCodeAt(0);
    table[character.toUpperCase().charCodeAt(0)] = character.charCodeAt(0);
  }
  return table;
}

/** Whether the character code may stand in a token. */
export function isTokenCode(code: number): boolean {
  return (TOKEN_LOWER[code] ?? 0) !== 0;
}

/** Whether `text` is one token (RFC 3261 §25.1). */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isTokenCode(text.charCodeAt(at))) return false;
  return text !== '';
}

/** Elements of a token list in lower case, such as those of Allow, Supported and Require; what is no token is left out. */
export function lowerTokens(elements: readonly string[]): string[] {
  return elements.filter(isToken).map((element) => element.toLowerCase());
}
