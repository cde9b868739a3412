/** Whether each `%` is followed by two hexadecimal digits (RFC 3261 §25.1, escaped). */
export function isWellEscaped(text: string): boolean {
  return !text.includes('%') || !/%(?![0-9a-f]{2})/i.test(text);
}

/** The text with each `%HH` replaced by its byte. */
export function unescape(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** The text with every character escaped that may not stand in a URI's header value (RFC 3261 §25.1, hvalue). */
export function escapeHeaderValue(text: string): string {
  return text.replace(/[^-[\]/?:+$\w.!~*'()]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `%${(character.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}
