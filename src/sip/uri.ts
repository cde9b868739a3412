import { isWellEscaped } from './escaping.ts';
import { bracketed, parseHostPort } from './host.ts';
import { schemeEnd } from './name-addr.ts';
import { UriHeaders, UriParameters } from './uri-parameters.ts';

/** A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966). */
export interface SipUri {
  /** `sip`, `sips` or `tel`. */
  scheme: string;
  /** As written, escapes kept; the number of a tel URI. '' when there is none. */
  user: string;
  password: string;
  /** In lower case, an IPv6 address without brackets; '' in a tel URI. */
  host: string;
  port: number | undefined;
  params: UriParameters;
  headers: UriHeaders;
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

/** Writes a URI from its parts. */
export function formatUri(uri: SipUri): string {
  const password = uri.password === '' ? '' : `:${uri.password}`;
  const user = uri.user === '' || uri.host === '' ? uri.user : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${String(uri.port)}`;
  return `${uri.scheme}:${user}${bracketed(uri.host)}${port}${uri.params.text}${uri.headers.text}`;
}

/** The URI without the parameter, all else as written. */
export function removeUriParam(uri: string, name: string): string {
  const from = paramsStart(uri, uri.indexOf('@') + 1);
  const end = headersStart(uri, from);
  return uri.slice(0, from) + new UriParameters(uri.slice(from, end)).without(name) + uri.slice(end);
}

function parseSip(text: string, scheme: string, start: number): SipUri | undefined {
  const at = text.indexOf('@', start);
  if (at === start || (at > 0 && text.includes('@', at + 1))) return undefined;
  const hostStart = at < 0 ? start : at + 1;
  const paramsAt = paramsStart(text, hostStart);
  const headersAt = headersStart(text, paramsAt);
  const hostPort = parseHostPort(text.slice(hostStart, paramsAt));
  if (hostPort === undefined || hasWhitespace(text, hostStart)) return undefined;
  const params = new UriParameters(text.slice(paramsAt, headersAt));
  const headers = new UriHeaders(text.slice(headersAt));
  if (!params.isWellFormed() || !headers.isWellFormed()) return undefined;
  const userinfo = at < 0 ? '' : text.slice(start, at);
  if (!isUserinfo(userinfo)) return undefined;
  const colon = userinfo.indexOf(':');
  const user = colon < 0 ? userinfo : userinfo.slice(0, colon);
  const password = colon < 0 ? '' : userinfo.slice(colon + 1);
  return { scheme, user, password, host: hostPort.host, port: hostPort.port, params, headers };
}

function parseTel(text: string): SipUri | undefined {
  const paramsAt = paramsStart(text, 4);
  const user = text.slice(4, paramsAt);
  const params = new UriParameters(text.slice(paramsAt));
  if (!/^[-+0-9a-f.()*#]+$/i.test(user) || !params.isWellFormed() || hasWhitespace(text, paramsAt))
    return undefined;
  return {
    scheme: 'tel',
    user,
    password: '',
    host: '',
    port: undefined,
    params,
    headers: new UriHeaders(''),
  };
}

/** Position of the first `;` or `?` from `at` on. */
function paramsStart(text: string, at: number): number {
  while (at < text.length && text.charCodeAt(at) !== 59 && text.charCodeAt(at) !== 63) at++;
  return at;
}

function headersStart(text: string, at: number): number {
  const question = text.indexOf('?', at);
  return question < 0 ? text.length : question;
}

function hasWhitespace(text: string, at: number): boolean {
  for (; at < text.length; at++) if (text.charCodeAt(at) <= 32) return true;
  return false;
}

/** Wider than RFC 3261's user: all visible characters but delimiters, since phones in use write a bare `#`. */
function isUserinfo(text: string): boolean {
  let isEscaped = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 34 || code === 60 || code === 62 || code === 127) return false;
    if (code === 37) isEscaped = true;
  }
  return !isEscaped || isWellEscaped(text);
}
