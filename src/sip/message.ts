import { parseCSeq, type CSeq } from './cseq.ts';
import { cutList, firstOfList } from './header-list.ts';
import { H, headerId, type HeaderId } from './header-names.ts';
import { indexHeaders, MAX_LINE_LENGTH, type HeaderTable } from './header-table.ts';
import { parseNameAddr, type NameAddr } from './name-addr.ts';
import { decimal } from './number.ts';
import { headerParam } from './parameters.ts';
import { ParseFailure } from './parse-failure.ts';
import { parseStartLine, type StartLine } from './start-line.ts';
import { parseVia, type Via } from './via.ts';
import { cutTrimmed, unfolded } from './whitespace.ts';

/** What every usable branch begins with (RFC 3261 §8.1.1.7). */
export const MAGIC_COOKIE = 'z9hG4bK';

/** A SIP message as it was received; values are cut and typed on first use. */
export class SipMessage {
  /** The message without leading line breaks and without what follows the body that Content-Length announces. */
  readonly text: string;
  readonly startLine: StartLine;
  readonly headers: HeaderTable;
  readonly #bodyStart: number;
  #cseq: CSeq | undefined;
  #from: string | undefined;
  #to: string | undefined;
  #fromTag: string | undefined;
  #toTag: string | undefined;
  #callId: string | undefined;
  #via: Via | undefined;
  #contact: NameAddr | undefined;

  constructor(text: string, startLine: StartLine, headers: HeaderTable) {
    this.startLine = startLine;
    this.headers = headers;
    this.#bodyStart = (headers.starts[headers.ids.length] ?? text.length) + 2;
    this.text = text;
    const end = this.#bodyStart + (this.contentLength ?? text.length);
    if (end < text.length) this.text = text.slice(0, end);
  }

  get isRequest(): boolean {
    return this.startLine.status === 0;
  }

  /** Method of a request; of a response, that of its CSeq. */
  get method(): string {
    return this.startLine.status === 0 ? this.startLine.method : this.cseqMethod;
  }

  get requestUri(): string {
    return this.startLine.requestUri;
  }

  /** Status code of a response, 0 of a request. */
  get status(): number {
    return this.startLine.status;
  }

  /** `SIP/2.0`, or what else the start line says. */
  get version(): string {
    return this.startLine.version;
  }

  get reason(): string {
    return this.startLine.reason;
  }

  /** First value of the header, trimmed and unfolded, a comma list uncut. */
  get(id: HeaderId): string | undefined {
    const { ids } = this.headers;
    for (let line = 0; line < ids.length; line++) if (ids[line] === id) return this.#value(line);
    return undefined;
  }

  /** Values of the header, one for each of its lines. */
  all(id: HeaderId): string[] {
    const values: string[] = [];
    const { ids } = this.headers;
    for (let line = ids.indexOf(id); line >= 0; line = ids.indexOf(id, line + 1))
      values.push(this.#value(line));
    return values;
  }

  /** Elements of a comma list over all lines of the header; quotes and angle brackets are respected. */
  list(id: HeaderId): string[] {
    const elements: string[] = [];
    const { ids } = this.headers;
    for (let line = ids.indexOf(id); line >= 0; line = ids.indexOf(id, line + 1)) {
      cutList(this.#value(line), elements);
    }
    return elements;
  }

  /** How many lines the header has. */
  count(id: HeaderId): number {
    let lines = 0;
    for (const other of this.headers.ids) if (other === id) lines++;
    return lines;
  }

  /** First value of the header with this name, in any case, long or compact. */
  named(name: string): string | undefined {
    const id = headerId(name);
    if (id !== H.Other) return this.get(id);
    const { ids } = this.headers;
    for (let line = ids.indexOf(H.Other); line >= 0; line = ids.indexOf(H.Other, line + 1)) {
      if (this.lineName(line).toLowerCase() === name.toLowerCase()) return this.#value(line);
    }
    return undefined;
  }

  /** Name of a header line of the table as it is written in the message. */
  lineName(line: number): string {
    return cutTrimmed(this.text, this.headers.starts[line] ?? 0, this.headers.colons[line] ?? 0);
  }

  get callId(): string {
    return (this.#callId ??= this.get(H.CallId) ?? '');
  }

  /** Sequence number, NaN when the CSeq is absent or malformed. */
  get cseq(): number {
    return this.#parsedCSeq()?.number ?? NaN;
  }

  get cseqMethod(): string {
    return this.#parsedCSeq()?.method ?? '';
  }

  /** Value of From, its tag included. */
  get from(): string {
    return (this.#from ??= this.get(H.From) ?? '');
  }

  /** Value of To, its tag included. */
  get to(): string {
    return (this.#to ??= this.get(H.To) ?? '');
  }

  get fromTag(): string {
    return (this.#fromTag ??= headerParam(this.from, 'tag') ?? '');
  }

  get toTag(): string {
    return (this.#toTag ??= headerParam(this.to, 'tag') ?? '');
  }

  /** The top Via, undefined when absent or malformed. */
  get via(): Via | undefined {
    return (this.#via ??= parseVia(firstOfList(this.get(H.Via) ?? '')));
  }

  /** Branch of the top Via; undefined when it is none of RFC 3261, or nothing but the magic cookie. */
  get branch(): string | undefined {
    const branch = headerParam(firstOfList(this.get(H.Via) ?? ''), 'branch') ?? '';
    return branch.length > MAGIC_COOKIE.length && branch.startsWith(MAGIC_COOKIE) ? branch : undefined;
  }

  /** The first Contact, undefined when absent or malformed. */
  get contact(): NameAddr | undefined {
    return (this.#contact ??= parseNameAddr(firstOfList(this.get(H.Contact) ?? '')));
  }

  /** Hops left, undefined when the header is absent or malformed. */
  get maxForwards(): number | undefined {
    return decimal(this.get(H.MaxForwards) ?? '');
  }

  get contentType(): string {
    return this.get(H.ContentType) ?? '';
  }

  /** Announced length of the body in bytes, undefined when absent or malformed. */
  get contentLength(): number | undefined {
    return decimal(this.get(H.ContentLength) ?? '');
  }

  get body(): string {
    return this.text.slice(this.#bodyStart);
  }

  #parsedCSeq(): CSeq | undefined {
    return (this.#cseq ??= parseCSeq(this.get(H.CSeq) ?? ''));
  }

  #value(line: number): string {
    const { starts, colons, hasFolds } = this.headers;
    const start = (colons[line] ?? 0) + 1;
    const end = (starts[line + 1] ?? 0) - 2;
    return hasFolds ? unfolded(cutTrimmed(this.text, start, end)) : cutTrimmed(this.text, start, end);
  }
}

/** Longest message that is read, in bytes. */
export const MAX_MESSAGE_LENGTH = 65_536;

/** Reads a latin1 text, one character a byte, as a SIP message; never throws. */
export function parseMessage(text: string): SipMessage | ParseFailure {
  const begin = afterBlankLines(text);
  if (begin === text.length) return new ParseFailure('empty');
  if (text.length - begin > MAX_MESSAGE_LENGTH) return new ParseFailure('message-too-long');
  return parseTrimmed(begin === 0 ? text : text.slice(begin));
}

function afterBlankLines(text: string): number {
  let at = 0;
  while (text.startsWith('\r\n', at)) at += 2;
  return at;
}

function parseTrimmed(text: string): SipMessage | ParseFailure {
  const lineFeed = text.indexOf('\n');
  if (lineFeed > MAX_LINE_LENGTH) return new ParseFailure('line-too-long');
  if (lineFeed < 1) return new ParseFailure('no-start-line');
  if (text.charAt(lineFeed - 1) !== '\r') return new ParseFailure('bare-line-feed');
  const startLine = parseStartLine(text, lineFeed - 1);
  if (startLine === undefined) return new ParseFailure('no-start-line');
  const headers = indexHeaders(text, lineFeed + 1);
  return headers instanceof ParseFailure ? headers : new SipMessage(text, startLine, headers);
}
