import { Parameters, parseParameters } from './parameters.ts';
import { afterQuoted, quote, unquote } from './quoted-string.ts';
import { isToken } from './token.ts';
import { isAbsoluteUri } from './uri-text.ts';
import { isSipScheme, parseUri, type SipUri } from './uri.ts';
import { skipWhitespace } from './whitespace.ts';

/** A name-addr or addr-spec with its header parameters, as in From, To, Contact, Route and Refer-To (RFC 3261 §20.10). */
export class NameAddr {
  /** URI as written; `*` in the Contact that removes all bindings. */
  readonly uri: string;
  /** The URI cut into its parts; undefined when it is none of SIP, SIPS or tel. */
  readonly sipUri: SipUri | undefined;
  readonly params: Parameters;
  readonly #name: string;

  constructor(name: string, uri: string, sipUri: SipUri | undefined, params: Parameters) {
    this.uri = uri;
    this.sipUri = sipUri;
    this.params = params;
    this.#name = name;
  }

  /** Display name without quotes, '' when there is none. */
  get display(): string {
    return unquote(this.#name.trim());
  }
}

const QUOTE = 34;

/** Reads one address; undefined when it is malformed, its URI included. */
export function parseNameAddr(value: string): NameAddr | undefined {
  if (value === '*') return new NameAddr('', '*', undefined, new Parameters(''));
  const nameEnd = value.charCodeAt(0) === QUOTE ? afterQuoted(value, 0) : 0;
  const open = value.indexOf('<', nameEnd);
  return open < 0 ? parseAddrSpec(value) : parseBracketed(value, nameEnd, open);
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

function parseBracketed(value: string, nameEnd: number, open: number): NameAddr | undefined {
  const name = value.slice(0, open);
  const close = value.indexOf('>', open);
  const isName =
    nameEnd > 0 ? skipWhitespace(value, nameEnd, open) === open : open === 0 || TOKENS.test(name);
  if (close < 0 || !isName) return undefined;
  return withUri(name, value.slice(open + 1, close), parseParameters(value, close + 1));
}

/** RFC 3261 §25.1, and characters beyond ASCII, which that grammar wants in quotes and phones do not quote. */
const TOKENS = /^[-\w.!%*+`'~\s\x80-\xff]*$/;

/** RFC 3261 §20: without brackets, semicolons begin header parameters; commas and question marks are not allowed. */
function parseAddrSpec(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(';');
  const end = semicolon < 0 ? value.length : semicolon;
  const uri = value.slice(0, end).trim();
  return uri.includes('?') || uri.includes(',') ? undefined : withUri('', uri, parseParameters(value, end));
}

function withUri(name: string, uri: string, params: Parameters | undefined): NameAddr | undefined {
  const sipUri = parseUri(uri);
  const isUri = sipUri !== undefined || (!isSipScheme(uri) && isAbsoluteUri(uri));
  return isUri && params !== undefined ? new NameAddr(name, uri, sipUri, params) : undefined;
}
