import { addToNameHash, H, headerIdAt, type HeaderId } from './header-names.ts';
import { ParseFailure } from './parse-failure.ts';
import { TOKEN_LOWER } from './token.ts';

/** Most header lines that are read. */
const MAX_HEADER_LINES = 200;

/** Longest start line or header field that is read, folded lines included, in bytes. */
export const MAX_LINE_LENGTH = 8_192;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** Where the header lines of a message are: line `i` goes from `starts[i]` to `starts[i + 1]`, line break included. */
export interface HeaderTable {
  ids: HeaderId[];
  /** One more than there are lines: the last is the empty line before the body. */
  starts: number[];
  colons: number[];
}

/** Finds the header lines from `from` to the empty line. */
export function indexHeaders(text: string, from: number): HeaderTable | ParseFailure {
  const ids: HeaderId[] = [];
  const starts: number[] = [from];
  const colons: number[] = [];
  let at = from;
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    if (ids.length === MAX_HEADER_LINES) return new ParseFailure('too-many-headers');
    const colon = indexName(text, at, ids);
    colons.push(colon);
    const next = nextLine(text, colon);
    if (next <= 0) return new ParseFailure(next === 0 ? 'no-end-of-headers' : 'bare-line-feed');
    if (next - at > MAX_LINE_LENGTH) return new ParseFailure('line-too-long');
    starts.push(next);
    at = next;
  }
  return { ids, starts, colons };
}

/** Adds the number of the header name at `start` to `ids`; position of its colon, or of the line where it has none. */
function indexName(text: string, start: number, ids: HeaderId[]): number {
  let hash = 0;
  let end = start;
  let lower = TOKEN_LOWER[text.charCodeAt(end)] ?? 0;
  while (lower !== 0) {
    hash = addToNameHash(hash, lower);
    end++;
    lower = TOKEN_LOWER[text.charCodeAt(end)] ?? 0;
  }
  let colon = end;
  while (text.charCodeAt(colon) === SPACE || text.charCodeAt(colon) === TAB) colon++;
  if (end === start || text.charCodeAt(colon) !== COLON) {
    ids.push(H.Malformed);
    return start;
  }
  ids.push(headerIdAt(text, start, end, hash));
  return colon;
}

/** Start of the line after the header field that holds `at`, folds passed over; 0 when the text ends, -1 at a bare LF. */
function nextLine(text: string, at: number): number {
  for (;;) {
    const lineFeed = text.indexOf('\n', at);
    if (lineFeed < 0) return 0;
    if (text.charCodeAt(lineFeed - 1) !== CR) return -1;
    at = lineFeed + 1;
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB) return at;
  }
}
