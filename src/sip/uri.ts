import { isWellEscaped } from './escaping.ts';
import { parseHostPort, type HostPort } from './host.ts';
import { areUriHeaders, UriHeaders, UriParameters } from './uri-parameters.ts';

/** A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966); its parts are cut when asked for. */
export class SipUri {
  /** As written. */
  readonly text: string;
  /** `sip`, `sips` or `tel`. */
  readonly scheme: string;
  /** In lower case, an IPv6 address without brackets; '' in a tel URI. */
  readonly host: string;
  readonly port: number | undefined;

  constructor(text: string, scheme: string, { host, port }: HostPort) {
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  /** As written, escapes kept; the number of a tel URI; '' when there is none. */
  get user(): string {
    return this.#userinfo.slice(0, indexOrEnd(this.#userinfo, ':', 0));
  }

  /** As written, '' when there is none. */
  get password(): string {
    return this.#userinfo.slice(indexOrEnd(this.#userinfo, ':', 0) + 1);
  }

  get params(): UriParameters {
    const [start, end] = parametersIn(this.text);
    return new UriParameters(this.text.slice(start, end));
  }

  get headers(): UriHeaders {
    return new UriHeaders(this.text.slice(parametersIn(this.text)[1]));
  }

  get #userinfo(): string {
    const start = this.scheme.length + 1;
    const end = this.scheme === 'tel' ? parametersIn(this.text)[0] : this.text.indexOf('@');
    return this.text.slice(start, Math.max(start, end));
  }
}

/** Reads a SIP, SIPS or tel URI; undefined when malformed or of another scheme. */
export function parseUri(text: string): SipUri | undefined {
  if (text.startsWith('sip:')) return parseSip(text, 'sip', 4);
  const scheme = uriScheme(text);
  if (scheme === 'sip' || scheme === 'sips') return parseSip(text, scheme, scheme.length + 1);
  return scheme === 'tel' ? parseTel(text) : undefined;
}

/** Scheme of any URI in lower case, '' when the text begins with none (RFC 3986 §3.1). */
export function uriScheme(text: string): string {
  return SCHEME.exec(text)?.[1]?.toLowerCase() ?? '';
}

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;

/** Whether the URI is a SIP, SIPS or tel URI by its scheme. */
export function isSipScheme(text: string): boolean {
  return /^(?:sips?|tel):/i.test(text);
}

/** The URI without the parameter, all else as written. */
export function removeUriParam(uri: string, name: string): string {
  const [start, end] = parametersIn(uri);
  return uri.slice(0, start) + new UriParameters(uri.slice(start, end)).without(name) + uri.slice(end);
}

/** Where the parameters of a URI begin and end, both the same place when there are none. */
function parametersIn(uri: string): [start: number, end: number] {
  const host = uri.indexOf('@') + 1;
  const end = indexOrEnd(uri, '?', host);
  return [Math.min(indexOrEnd(uri, ';', host), end), end];
}

/** Wider than RFC 3261 §25.1: all characters but these and delimiters, since phones in use write a bare `#`. */
const FORBIDDEN = '\\0-\\x20"<>\\x7f';
const USERINFO = `(?:[^${FORBIDDEN}@]+@)?`;
const HOST_PORT = `[^${FORBIDDEN}@;?]+`;
const PARAMETERS = `(?:;[^${FORBIDDEN}@;?=][^${FORBIDDEN}@;?]*)*`;
const HEADERS = `(?:\\?[^${FORBIDDEN}@]+)?`;
const SIP_URI = new RegExp(`^[Ss][Ii][Pp][Ss]?:${USERINFO}${HOST_PORT}${PARAMETERS}${HEADERS}$`);
const TEL_URI = new RegExp(`^[Tt][Ee][Ll]:[-+0-9A-Fa-f.()*#]+${PARAMETERS}$`);

function parseSip(text: string, scheme: string, userStart: number): SipUri | undefined {
  if (!SIP_URI.test(text) || !isWellEscaped(text)) return undefined;
  const hostStart = text.indexOf('@', userStart) + 1 || userStart;
  const headersAt = indexOrEnd(text, '?', hostStart);
  const paramsAt = Math.min(indexOrEnd(text, ';', hostStart), headersAt);
  const hostPort = parseHostPort(text.slice(hostStart, paramsAt));
  return hostPort === undefined || !areUriHeaders(text, headersAt)
    ? undefined
    : new SipUri(text, scheme, hostPort);
}

function parseTel(text: string): SipUri | undefined {
  return TEL_URI.test(text) && isWellEscaped(text) ? new SipUri(text, 'tel', NO_HOST) : undefined;
}

const NO_HOST: HostPort = { host: '', port: undefined };

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}
