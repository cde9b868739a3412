import { addToNameHash, H, headerIdAt, type HeaderId } from './header-names.ts';
import { splitList } from './list.ts';
import { parseNameAddr, tagOf, type NameAddr } from './name-addr.ts';
import { ParseFailure } from './parse-failure.ts';
import { TOKEN_LOWER } from './token.ts';
import { parseVia, type Via } from './via.ts';
import { cutUnfolded } from './whitespace.ts';

/** Longest message in bytes. */
export const MAX_MESSAGE: number = 64 * 1024;
/** Most header lines of one message. */
export const MAX_HEADERS = 200;

/** Offsets kept for each header line. */
const STRIDE = 4;
const CR = 13;
const LF = 10;
const COLON = 58;
const SP = 32;
const HT = 9;

/** One request or response: its text, and where everything in it is. Values are cut when they are read. */
export class SipMessage {
  readonly text: string;
  readonly isRequest: boolean;
  /** Of a request, its own; of a response, that of its CSeq. */
  readonly method: string;
  /** '' in a response. */
  readonly requestUri: string;
  /** 0 in a request. */
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  /** Per header line: id, start of the name, start of the value, end of the value without the line end. */
  readonly table: readonly number[];
  /** Where the empty line before the body begins. */
  readonly headersEnd: number;
  readonly bodyStart: number;
  #cseq: number | undefined;
  #cseqMethod: string | undefined;
  #via: Via | undefined | null = null;
  #fromTag: string | undefined;
  #toTag: string | undefined;

  constructor(text: string, start: StartLine, index: HeaderIndex) {
    this.text = text;
    this.isRequest = start.status === 0;
    this.requestUri = start.requestUri;
    this.status = start.status;
    this.reason = start.reason;
    this.version = start.version;
    this.table = index.table;
    this.headersEnd = index.headersEnd;
    this.bodyStart = index.bodyStart;
    this.method = this.isRequest ? start.method : this.cseqMethod;
  }

  /** First value of that header, trimmed and unfolded; comma lists are not cut. */
  get(header: HeaderId): string | undefined {
    const { table } = this;
    for (let at = 0; at < table.length; at += STRIDE) if (table[at] === header) return this.valueAt(at);
    return undefined;
  }

  /** The values of that header, one for each line. */
  all(header: HeaderId): string[] {
    const values: string[] = [];
    for (let at = 0; at < this.table.length; at += STRIDE) {
      if (this.table[at] === header) values.push(this.valueAt(at));
    }
    return values;
  }

  /** The elements of that header over all lines, cut at commas outside quotes and angle brackets. */
  list(header: HeaderId): string[] {
    const values: string[] = [];
    for (let at = 0; at < this.table.length; at += STRIDE) {
      if (this.table[at] === header) splitList(this.valueAt(at), values);
    }
    return values;
  }

  /** First value of a header by its name, in any case. */
  named(name: string): string | undefined {
    const lower = name.toLowerCase();
    for (let at = 0; at < this.table.length; at += STRIDE) {
      if (this.nameAt(at).toLowerCase() === lower) return this.valueAt(at);
    }
    return undefined;
  }

  /** How many lines there are of that header. */
  count(header: HeaderId): number {
    let count = 0;
    for (let at = 0; at < this.table.length; at += STRIDE) if (this.table[at] === header) count++;
    return count;
  }

  /** '' where absent. */
  get callId(): string {
    return this.get(H.CallId) ?? '';
  }

  /** CSeq number, NaN where absent or malformed. */
  get cseq(): number {
    this.#readCSeq();
    return this.#cseq ?? NaN;
  }

  /** '' where absent or malformed. */
  get cseqMethod(): string {
    this.#readCSeq();
    return this.#cseqMethod ?? '';
  }

  /** The From value, '' where absent. */
  get from(): string {
    return this.get(H.From) ?? '';
  }

  /** The To value, '' where absent. */
  get to(): string {
    return this.get(H.To) ?? '';
  }

  /** '' where absent. */
  get fromTag(): string {
    return (this.#fromTag ??= tagOf(this.from));
  }

  /** '' where absent. */
  get toTag(): string {
    return (this.#toTag ??= tagOf(this.to));
  }

  /** The top Via; undefined where absent or malformed. */
  get via(): Via | undefined {
    if (this.#via === null) this.#via = this.#readVia();
    return this.#via;
  }

  /** Branch of the top Via; undefined where absent. */
  get branch(): string | undefined {
    return this.via?.params.get('branch');
  }

  /** The first Contact; undefined where absent or malformed. */
  get contact(): NameAddr | undefined {
    const first = this.list(H.Contact)[0];
    return first === undefined ? undefined : parseNameAddr(first);
  }

  /** '' where absent. */
  get contentType(): string {
    return this.get(H.ContentType) ?? '';
  }

  /** The body, cut to Content-Length where that is shorter (RFC 3261 §18.3). */
  get body(): string {
    const length = this.get(H.ContentLength);
    if (length === undefined || !/^\d+$/.test(length)) return this.text.slice(this.bodyStart);
    return this.text.slice(this.bodyStart, this.bodyStart + Number(length));
  }

  private valueAt(at: number): string {
    return cutUnfolded(this.text, this.table[at + 2] ?? 0, this.table[at + 3] ?? 0);
  }

  private nameAt(at: number): string {
    const start = this.table[at + 1] ?? 0;
    return this.text.slice(start, this.text.indexOf(':', start)).trimEnd();
  }

  #readVia(): Via | undefined {
    const first = this.get(H.Via);
    if (first === undefined) return undefined;
    return parseVia(first.includes(',') ? (splitList(first, [])[0] ?? '') : first);
  }

  #readCSeq(): void {
    if (this.#cseqMethod !== undefined) return;
    const value = this.get(H.CSeq) ?? '';
    const found = /^(\d{1,10})[ \t]+([^\s]+)$/.exec(value);
    this.#cseq = found ? Number(found[1]) : NaN;
    this.#cseqMethod = found?.[2] ?? '';
  }
}

interface StartLine {
  method: string;
  requestUri: string;
  status: number;
  reason: string;
  version: string;
}

interface HeaderIndex {
  table: number[];
  headersEnd: number;
  bodyStart: number;
}

/** Reads one message (latin1: a character is a byte); refuses only what it cannot represent, and never throws. */
export function parseMessage(text: string): SipMessage | ParseFailure {
  if (text.length > MAX_MESSAGE) return new ParseFailure('TOO_LARGE');
  let begin = 0;
  // RFC 3261 §7.5: line ends before the start line are ignored.
  while (text.charCodeAt(begin) === CR || text.charCodeAt(begin) === LF) begin++;
  if (begin === text.length) return new ParseFailure('EMPTY');
  const lineEnd = text.indexOf('\r\n', begin);
  if (lineEnd < 0) return new ParseFailure('START_LINE');
  const start = parseStartLine(text.slice(begin, lineEnd));
  if (!start) return new ParseFailure('START_LINE');
  const index = indexHeaders(text, lineEnd + 2);
  if (index instanceof ParseFailure) return index;
  return new SipMessage(text, start, index);
}

function parseStartLine(line: string): StartLine | undefined {
  const first = line.indexOf(' ');
  if (first <= 0) return undefined;
  if (line.startsWith('SIP/')) return parseStatusLine(line, first);
  const last = line.lastIndexOf(' ');
  if (last <= first || !line.startsWith('SIP/', last + 1)) return undefined;
  return {
    method: line.slice(0, first),
    requestUri: line.slice(first + 1, last),
    status: 0,
    reason: '',
    version: line.slice(last + 1),
  };
}

function parseStatusLine(line: string, first: number): StartLine | undefined {
  const found = /^(\d{3,4})(?: (.*))?$/.exec(line.slice(first + 1));
  if (!found) return undefined;
  return { method: '', requestUri: '', status: Number(found[1]), reason: found[2] ?? '', version: line.slice(0, first) };
}

function indexHeaders(text: string, from: number): HeaderIndex | ParseFailure {
  const table: number[] = [];
  let at = from;
  for (;;) {
    if (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) {
      return { table, headersEnd: at, bodyStart: at + 2 };
    }
    const end = lineEndOf(text, at);
    if (end < 0) return new ParseFailure('NO_END_OF_HEADERS');
    if (table.length >= MAX_HEADERS * STRIDE) return new ParseFailure('TOO_MANY_HEADERS');
    if (!indexLine(text, at, end, table)) table.push(H.Malformed, at, at, end);
    at = end + 2;
  }
}

/** The end of a header line, folds included (RFC 3261 §7.3.1); -1 without one. */
function lineEndOf(text: string, from: number): number {
  let end = text.indexOf('\r\n', from);
  while (end >= 0) {
    const next = text.charCodeAt(end + 2);
    if (next !== SP && next !== HT) return end;
    end = text.indexOf('\r\n', end + 2);
  }
  return -1;
}

function indexLine(text: string, start: number, end: number, table: number[]): boolean {
  let hash = 0;
  let at = start;
  for (; at < end; at++) {
    const lower = TOKEN_LOWER[text.charCodeAt(at)];
    if (lower === undefined || lower === 0) break;
    hash = addToNameHash(hash, lower);
  }
  const nameEnd = at;
  while (at < end && (text.charCodeAt(at) === SP || text.charCodeAt(at) === HT)) at++;
  if (nameEnd === start || text.charCodeAt(at) !== COLON) return false;
  table.push(headerIdAt(text, start, nameEnd, hash), start, at + 1, end);
  return true;
}
