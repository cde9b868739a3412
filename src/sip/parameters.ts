import { afterQuoted, unquote } from './quoted-string.ts';
import { isWhitespace, skipWhitespace, trimEnd } from './whitespace.ts';

const QUOTE = 34;
const SEMICOLON = 59;
const EQUALS = 61;

/** One parameter inside a text: the positions of its name and of its value (without quotes removed), and where it ends. */
interface Span {
  /** Position of the semicolon. */
  start: number;
  nameStart: number;
  nameEnd: number;
  /** -1 when the parameter has no value. */
  valueStart: number;
  valueEnd: number;
  /** Position of the next semicolon or the end of the text. */
  end: number;
}

/** The `;name=value` parameters of a header value (RFC 3261 §7.3.1), read when asked for. */
export class Parameters {
  /** As written, from the first semicolon; '' when there are none. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Value of the parameter, quotes removed, '' when it has none; undefined when it is absent. */
  get(name: string): string | undefined {
    return findValue(this.text, 0, name);
  }

  has(name: string): boolean {
    return findSpan(this.text, 0, name) !== undefined;
  }

  /** All parameters in order: name as written, value without quotes, '' when it has none. */
  entries(): [name: string, value: string][] {
    const entries: [string, string][] = [];
    for (let at = 0; at < this.text.length;) {
      const span = spanAt(this.text, at);
      entries.push([this.text.slice(span.nameStart, span.nameEnd), valueOf(this.text, span)]);
      at = span.end;
    }
    return entries;
  }

  toString(): string {
    return this.text;
  }
}

/** Shared by all values that have none. */
const NO_PARAMETERS: Parameters = new Parameters('');

/** Parameters from `at` to the end of the value; undefined when they are malformed. */
export function parseParameters(value: string, at: number): Parameters | undefined {
  const start = skipWhitespace(value, at, value.length);
  if (start >= value.length) return NO_PARAMETERS;
  const text = value.slice(start);
  return PLAIN_PARAMETERS.test(text) || areParameters(text) ? new Parameters(text) : undefined;
}

/** Wider than RFC 3261's token and host: all but white space and delimiters, since phones in use write such tags. */
const PLAIN = '[^\\s",;<>]+';
const PLAIN_NAME = '[^\\s",;<>=]+';
const PLAIN_PARAMETERS = new RegExp(`^(?:;${PLAIN_NAME}(?:=${PLAIN})?)+$`);
const PLAIN_NAME_ONLY = new RegExp(`^${PLAIN_NAME}$`);
const PLAIN_VALUE = new RegExp(`^${PLAIN}$`);

/** The same with quotes, and with white space around the delimiters. */
function areParameters(text: string): boolean {
  if (text.charCodeAt(0) !== SEMICOLON) return false;
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at);
    if (!isWellFormed(text, span)) return false;
    at = span.end;
  }
  return true;
}

/** Value of a header parameter such as `tag`, found without reading the rest; '' when it has none, undefined when it is absent. */
export function headerParam(value: string, name: string): string | undefined {
  return findValue(value, headerParamsStart(value), name);
}

/** The header value with the parameter set, replaced in place where it exists; '' writes a parameter without value. */
export function withParam(value: string, name: string, parameter: string): string {
  const written = parameter === '' ? `;${name}` : `;${name}=${parameter}`;
  const span = findSpan(value, headerParamsStart(value), name);
  return span === undefined ? value + written : value.slice(0, span.start) + written + value.slice(span.end);
}

/** The header value without the parameter. */
export function withoutParam(value: string, name: string): string {
  let rest = value;
  let span = findSpan(rest, headerParamsStart(rest), name);
  while (span !== undefined) {
    const before = rest.slice(0, trimEnd(rest, 0, span.start));
    rest = before + rest.slice(span.end);
    span = findSpan(rest, before.length, name);
  }
  return rest;
}

/** Position of the first semicolon that begins a header parameter: after the angle brackets, where there are any. */
function headerParamsStart(value: string): number {
  const from = value.charCodeAt(0) === QUOTE ? afterQuoted(value, 0) : 0;
  const semicolon = indexOrEnd(value, ';', from);
  const open = value.indexOf('<', from);
  if (open < 0 || open > semicolon) return semicolon;
  return indexOrEnd(value, ';', indexOrEnd(value, '>', open));
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

function findValue(text: string, from: number, name: string): string | undefined {
  const valueStart = from + name.length + 2;
  if (text.startsWith(name, from + 1) && text.charCodeAt(valueStart - 1) === EQUALS) {
    const end = indexOrEnd(text, ';', valueStart);
    const isBare = text.charCodeAt(valueStart) > QUOTE && !isWhitespace(text.charCodeAt(end - 1));
    if (isBare) return text.slice(valueStart, end);
  }
  const span = findSpan(text, from, name);
  return span === undefined ? undefined : valueOf(text, span);
}

function findSpan(text: string, from: number, name: string): Span | undefined {
  for (let at = from; at < text.length;) {
    const span = spanAt(text, at);
    if (span.nameEnd - span.nameStart === name.length && isSameName(text, span, name)) return span;
    at = span.end;
  }
  return undefined;
}

function isSameName(text: string, span: Span, name: string): boolean {
  return (
    text.startsWith(name, span.nameStart) ||
    text.slice(span.nameStart, span.nameEnd).toLowerCase() === name.toLowerCase()
  );
}

/** The parameter whose semicolon is at `start`. */
function spanAt(text: string, start: number): Span {
  const nameStart = skipWhitespace(text, start + 1, text.length);
  const semicolon = indexOrEnd(text, ';', nameStart);
  const equals = text.indexOf('=', nameStart);
  if (equals < 0 || equals > semicolon) {
    const nameEnd = trimEnd(text, nameStart, semicolon);
    return { start, nameStart, nameEnd, valueStart: -1, valueEnd: -1, end: semicolon };
  }
  const valueStart = skipWhitespace(text, equals + 1, text.length);
  const isQuoted = text.charCodeAt(valueStart) === QUOTE;
  const end = isQuoted ? indexOrEnd(text, ';', afterQuoted(text, valueStart)) : semicolon;
  const nameEnd = trimEnd(text, nameStart, equals);
  return { start, nameStart, nameEnd, valueStart, valueEnd: trimEnd(text, valueStart, end), end };
}

function valueOf(text: string, span: Span): string {
  if (span.valueStart < 0) return '';
  const value = text.slice(span.valueStart, span.valueEnd);
  return text.charCodeAt(span.valueStart) === QUOTE ? unquote(value) : value;
}

function isWellFormed(text: string, span: Span): boolean {
  if (!PLAIN_NAME_ONLY.test(text.slice(span.nameStart, span.nameEnd))) return false;
  if (span.valueStart < 0) return true;
  if (text.charCodeAt(span.valueStart) === QUOTE) return afterQuoted(text, span.valueStart) === span.valueEnd;
  return PLAIN_VALUE.test(text.slice(span.valueStart, span.valueEnd));
}
