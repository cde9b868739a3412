import { H, headerIdAt, type HeaderId } from './header-names.ts';
import { ParseFailure } from './parse-failure.ts';
import { isTokenCode } from './token.ts';

/** Most header lines that are read. */
const MAX_HEADER_LINES = 200;

/** Longest start line or header field that is read, folded lines included, in bytes. */
export const MAX_LINE_LENGTH = 8_192;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

/** Where the header lines of a message are: line `i` goes from `starts[i]` to `starts[i + 1]`, line break included. */
export interface HeaderTable {
  ids: HeaderId[];
  /** One more than there are lines: the last is the empty line before the body. */
  starts: number[];
  colons: number[];
  /** Whether any header field goes over more than one line. */
  hasFolds: boolean;
}

/** Finds the header lines from `from` to the empty line. */
export function indexHeaders(text: string, from: number): HeaderTable | ParseFailure {
  const ids: HeaderId[] = [];
  const starts: number[] = [from];
  const colons: number[] = [];
  let hasFolds = false;
  let at = from;
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    if (ids.length === MAX_HEADER_LINES) return new ParseFailure('too-many-headers');
    const colon = text.indexOf(':', at);
    const id = colon < 0 ? H.Malformed : idOfName(text, at, colon);
    ids.push(id);
    colons.push(id === H.Malformed ? at : colon);
    let next = nextLine(text, id === H.Malformed ? at : colon);
    while (next > 0 && isBlank(text.charCodeAt(next))) {
      hasFolds = true;
      next = nextLine(text, next);
    }
    if (next <= 0) return new ParseFailure(next === 0 ? 'no-end-of-headers' : 'bare-line-feed');
    if (next - at > MAX_LINE_LENGTH) return new ParseFailure('line-too-long');
    starts.push(next);
    at = next;
  }
  return { ids, starts, colons, hasFolds };
}

/** Number of the name that stands before the colon, white space after it left out (RFC 3261 §7.3.1). */
function idOfName(text: string, start: number, colon: number): HeaderId {
  let end = colon;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  if (end === start) return H.Malformed;
  const id = headerIdAt(text, start, end);
  return id === H.Other && !isTokenAt(text, start, end) ? H.Malformed : id;
}

function isTokenAt(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isTokenCode(text.charCodeAt(at))) return false;
  return true;
}

/** Start of the line after the one that holds `at`; 0 when the text ends, -1 at a bare LF. */
function nextLine(text: string, at: number): number {
  const lineFeed = text.indexOf('\n', at);
  if (lineFeed < 0) return 0;
  return text.charCodeAt(lineFeed - 1) === CR ? lineFeed + 1 : -1;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
