import { Parameters, parseParameters } from './parameters.ts';
import { afterQuoted, quote, unquote } from './quoted-string.ts';
import { isToken, isTokenCode } from './token.ts';
import { isUriText } from './uri-text.ts';
import { isWhitespace } from './whitespace.ts';

/** A name-addr or addr-spec with its header parameters, as in From, To, Contact, Route and Refer-To (RFC 3261 §20.10). */
export interface NameAddr {
  /** Display name without quotes, '' when there is none. */
  readonly display: string;
  /** URI as written; `*` in the Contact that removes all bindings. */
  readonly uri: string;
  readonly params: Parameters;
}

const QUOTE = 34;

/** Reads one address; undefined when malformed. */
export function parseNameAddr(value: string): NameAddr | undefined {
  if (value === '*') return { display: '', uri: '*', params: new Parameters('') };
  const open = openingBracket(value);
  return open < 0 ? parseAddrSpec(value) : parseBracketed(value, open);
}

/** Writes an address with brackets; the display name is quoted unless it is one token. */
export function formatNameAddr(display: string, uri: string): string {
  if (display === '') return `<${uri}>`;
  return `${isToken(display) ? display : quote(display)} <${uri}>`;
}

/** The URI in the address, as written; '' when malformed. */
export function uriOf(value: string): string {
  return parseNameAddr(value)?.uri ?? '';
}

/** Position of the `<` before the URI, -1 when there is none. */
function openingBracket(value: string): number {
  return value.indexOf('<', value.charCodeAt(0) === QUOTE ? afterQuoted(value, 0) : 0);
}

function parseBracketed(value: string, open: number): NameAddr | undefined {
  const close = value.indexOf('>', open);
  const display = displayName(value.slice(0, open).trim());
  const uri = value.slice(open + 1, close);
  if (close < 0 || display === undefined || !isAbsoluteUri(uri)) return undefined;
  const params = parseParameters(value, close + 1);
  return params === undefined ? undefined : { display, uri, params };
}

function displayName(text: string): string | undefined {
  if (text.charCodeAt(0) === QUOTE) return afterQuoted(text, 0) === text.length ? unquote(text) : undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isTokenCode(code) && !isWhitespace(code) && code < 128) return undefined;
  }
  return text;
}

/** RFC 3261 §20: without brackets, semicolons begin header parameters; commas and question marks are not allowed. */
function parseAddrSpec(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(';');
  const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  if (!isAbsoluteUri(uri) || uri.includes('?') || uri.includes(',')) return undefined;
  const params = parseParameters(value, semicolon < 0 ? value.length : semicolon);
  return params === undefined ? undefined : { display: '', uri, params };
}

/** A scheme, a colon and something after it, without white space, quotes or brackets. */
function isAbsoluteUri(uri: string): boolean {
  const colon = schemeEnd(uri);
  return colon > 0 && colon < uri.length - 1 && isUriText(uri);
}

/** Position of the colon after the scheme, -1 when the text begins with no scheme (RFC 3986 §3.1). */
export function schemeEnd(uri: string): number {
  for (let at = 0; at < uri.length; at++) {
    const code = uri.charCodeAt(at);
    if (code === 58) return at === 0 ? -1 : at;
    const letter = code | 32;
    const isLetter = letter >= 97 && letter <= 122;
    const mayFollow = (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46;
    if (!isLetter && (at === 0 || !mayFollow)) return -1;
  }
  return -1;
}
