import { parseHostPort, type HostPort } from './host.ts';
import { schemeEnd } from './name-addr.ts';
import { areUriHeaders, areUriParameters, UriHeaders, UriParameters } from './uri-parameters.ts';
import { isUriText } from './uri-text.ts';

/** A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966); its parts are cut when asked for. */
export class SipUri {
  /** As written. */
  readonly text: string;
  /** `sip`, `sips` or `tel`. */
  readonly scheme: string;
  /** In lower case, an IPv6 address without brackets; '' in a tel URI. */
  readonly host: string;
  readonly port: number | undefined;
  readonly #places: Places;

  constructor(text: string, scheme: string, hostPort: HostPort, places: Places) {
    this.text = text;
    this.scheme = scheme;
    this.host = hostPort.host;
    this.port = hostPort.port;
    this.#places = places;
  }

  /** As written, escapes kept; the number of a tel URI; '' when there is none. */
  get user(): string {
    const { userStart, userEnd } = this.#places;
    return this.text.slice(userStart, Math.min(indexOrEnd(this.text, ':', userStart), userEnd));
  }

  /** As written, '' when there is none. */
  get password(): string {
    const { userStart, userEnd } = this.#places;
    return this.text.slice(indexOrEnd(this.text, ':', userStart) + 1, userEnd);
  }

  get params(): UriParameters {
    return new UriParameters(this.text.slice(this.#places.paramsAt, this.#places.headersAt));
  }

  get headers(): UriHeaders {
    return new UriHeaders(this.text.slice(this.#places.headersAt));
  }
}

/** Where the parts of a URI begin and end in its text. */
interface Places {
  userStart: number;
  userEnd: number;
  paramsAt: number;
  headersAt: number;
}

/** Reads a SIP, SIPS or tel URI; undefined when malformed or of another scheme. */
export function parseUri(text: string): SipUri | undefined {
  if (text.startsWith('sip:')) return parseSip(text, 'sip', 4);
  const scheme = uriScheme(text);
  if (scheme === 'sip' || scheme === 'sips') return parseSip(text, scheme, scheme.length + 1);
  return scheme === 'tel' ? parseTel(text) : undefined;
}

/** Scheme of any URI in lower case, '' when the text begins with none. */
export function uriScheme(text: string): string {
  return text.slice(0, Math.max(0, schemeEnd(text))).toLowerCase();
}

/** The URI without the parameter, all else as written. */
export function removeUriParam(uri: string, name: string): string {
  const host = uri.indexOf('@') + 1;
  const end = indexOrEnd(uri, '?', host);
  const from = Math.min(indexOrEnd(uri, ';', host), end);
  return uri.slice(0, from) + new UriParameters(uri.slice(from, end)).without(name) + uri.slice(end);
}

function parseSip(text: string, scheme: string, userStart: number): SipUri | undefined {
  const at = text.indexOf('@', userStart);
  if (at === userStart || !isUriText(text) || (at > 0 && text.includes('@', at + 1))) return undefined;
  const hostStart = at < 0 ? userStart : at + 1;
  const headersAt = indexOrEnd(text, '?', hostStart);
  const paramsAt = Math.min(indexOrEnd(text, ';', hostStart), headersAt);
  const hostPort = parseHostPort(text.slice(hostStart, paramsAt));
  if (hostPort === undefined || !areUriParameters(text, paramsAt, headersAt)) return undefined;
  if (!areUriHeaders(text, headersAt)) return undefined;
  return new SipUri(text, scheme, hostPort, {
    userStart,
    userEnd: Math.max(at, userStart),
    paramsAt,
    headersAt,
  });
}

function parseTel(text: string): SipUri | undefined {
  const paramsAt = indexOrEnd(text, ';', 0);
  const isNumber = /^[-+0-9a-f.()*#]+$/i.test(text.slice(4, paramsAt));
  if (!isNumber || !isUriText(text) || !areUriParameters(text, paramsAt, text.length)) return undefined;
  return new SipUri(text, 'tel', NO_HOST, {
    userStart: 4,
    userEnd: paramsAt,
    paramsAt,
    headersAt: text.length,
  });
}

const NO_HOST: HostPort = { host: '', port: undefined };

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}
