const BACKSLASH = 92;
const QUOTE = 34;

/** Position after the quoted string that opens at `at`; beyond the end of the text when it is not closed. */
export function afterQuoted(text: string, at: number): number {
  const first = text.indexOf('"', at + 1);
  if (first < 0) return text.length + 1;
  return text.charCodeAt(first - 1) === BACKSLASH ? afterEscaped(text, at + 1) : first + 1;
}

function afterEscaped(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return text.length + 1;
}

/** The text that a quoted string stands for; a text without quotes is returned as it is (RFC 3261 §25.1). */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([^])/g, '$1') : inner;
}

/** A quoted string that stands for the text. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
