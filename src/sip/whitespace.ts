/** Whether the code is a space, a tab, or part of a folded line's break. */
export function isWhitespace(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}

/** First position from `at`, before `end`, that holds no white space. */
export function skipWhitespace(text: string, at: number, end: number): number {
  while (at < end && isWhitespace(text.charCodeAt(at))) at++;
  return at;
}

/** Position of the first space or tab, the end of the text when there is none. */
export function gapIn(text: string): number {
  const space = text.indexOf(' ');
  const tab = text.indexOf('\t');
  if (space < 0 || tab < 0) return Math.max(space, tab) < 0 ? text.length : Math.max(space, tab);
  return Math.min(space, tab);
}

/** Position after the last character before `end`, from `start` on, that is no white space. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** The text from `start` to `end` without white space around it. */
export function cutTrimmed(text: string, start: number, end: number): string {
  const first = skipWhitespace(text, start, end);
  return text.slice(first, trimEnd(text, first, end));
}

/** The value on one line: a fold is one space (RFC 3261 §7.3.1). */
export function unfolded(value: string): string {
  if (!value.includes('\n')) return value;
  const lines = value.split('\r\n').map((line) => line.trim());
  return lines.join(' ');
}

/** The value on one line: line breaks and lone CRs or LFs become spaces, so a value can never add a header line. */
export function onOneLine(value: string): string {
  return value.includes('\r') || value.includes('\n') ? value.replace(/[\r\n]+[ \t]*/g, ' ') : value;
}
