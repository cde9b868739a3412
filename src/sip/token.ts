const IS_TOKEN: Uint8Array = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~") {
  IS_TOKEN[character.charCodeAt(0)] = 1;
}

/** Whether the character code may stand in a token (RFC 3261 §25.1). */
export function isTokenCode(code: number): boolean {
  return IS_TOKEN[code] === 1;
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
