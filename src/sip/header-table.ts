import { H, headerAtNode, headerId, nextNameNode, type HeaderId } from './header-names.ts';
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
const COLON = 58;

/** Where the header lines of a message are: line `i` goes from `starts[i]` to `starts[i + 1]`, line break included. */
export interface HeaderTable {
  ids: HeaderId[];
  /** One more than there are lines: the last is the empty line before the body. */
  starts: number[];
  colons: number[];
  /** Whether any header field goes over more than one line. */
  hasFolds: boolean;
}

/** Filled by each call and copied at its end: copies of the right size cost less than arrays that grow. */
const IDS = new Array<HeaderId>(MAX_HEADER_LINES).fill(H.Other);
const STARTS = new Array<number>(MAX_HEADER_LINES + 1).fill(0);
const COLONS = new Array<number>(MAX_HEADER_LINES).fill(0);

/** Finds the header lines from `from` to the empty line. */
export function indexHeaders(text: string, from: number): HeaderTable | ParseFailure {
  let line = 0;
  let hasFolds = false;
  let at = from;
  while (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF) {
    if (line === MAX_HEADER_LINES) return new ParseFailure('too-many-headers');
    STARTS[line] = at;
    const colon = indexName(text, at, line);
    COLONS[line] = colon;
    let next = nextLine(text, colon);
    while (next > 0 && isBlank(text.charCodeAt(next))) {
      hasFolds = true;
      next = nextLine(text, next);
    }
    if (next <= 0) return new ParseFailure(next === 0 ? 'no-end-of-headers' : 'bare-line-feed');
    if (next - at > MAX_LINE_LENGTH) return new ParseFailure('line-too-long');
    line++;
    at = next;
  }
  STARTS[line] = at;
  return {
    ids: IDS.slice(0, line),
    starts: STARTS.slice(0, line + 1),
    colons: COLONS.slice(0, line),
    hasFolds,
  };
}

/** Notes the number of the header name at `start`; position of its colon, or `start` where there is none. */
function indexName(text: string, start: number, line: number): number {
  let end = start;
  let node = 0;
  let code = text.charCodeAt(start);
  for (let next = nextNameNode(0, code); next !== 0; next = nextNameNode(node, code)) {
    node = next;
    end++;
    code = text.charCodeAt(end);
  }
  if (code !== COLON || end === start) return indexOddName(text, start, line);
  IDS[line] = headerAtNode(node);
  return end;
}

/** A name that is not known, has white space before its colon (RFC 3261 §7.3.1), or is none. */
function indexOddName(text: string, start: number, line: number): number {
  let end = start;
  while (isTokenCode(text.charCodeAt(end))) end++;
  let colon = end;
  while (isBlank(text.charCodeAt(colon))) colon++;
  const isHeader = end > start && text.charCodeAt(colon) === COLON;
  IDS[line] = isHeader ? headerId(text.slice(start, end)) : H.Malformed;
  return isHeader ? colon : start;
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
