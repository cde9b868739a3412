import { parseParams, type Params } from './params.ts';

/** A SIP, SIPS or other URI, cut into its parts; escapes are kept. */
export interface SipUri {
  /** Lower case. */
  scheme: string;
  user: string | undefined;
  password: string | undefined;
  /** IPv6 literals keep their brackets; '' for schemes without a host. */
  host: string;
  port: number | undefined;
  params: Params;
  /** What follows the question mark, '' if nothing. */
  headers: string;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const HOST_PORT = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

/** Undefined when malformed. */
export function parseUri(text: string): SipUri | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || /[\s<>]/.test(text)) return undefined;
  const rest = text.slice(scheme.length + 1);
  if (scheme !== 'sip' && scheme !== 'sips') return otherUri(scheme, rest);
  const at = rest.lastIndexOf('@', endOfUserInfo(rest));
  const userInfo = at < 0 ? undefined : rest.slice(0, at);
  const afterUser = rest.slice(at + 1);
  const question = afterUser.indexOf('?');
  const address = question < 0 ? afterUser : afterUser.slice(0, question);
  const semicolon = address.indexOf(';');
  const hostPort = HOST_PORT.exec(semicolon < 0 ? address : address.slice(0, semicolon));
  const params = semicolon < 0 ? new Map<string, string>() : parseParams(address, semicolon + 1);
  if (!hostPort || !params) return undefined;
  const colon = userInfo?.indexOf(':') ?? -1;
  return {
    scheme,
    user: colon < 0 ? userInfo : userInfo?.slice(0, colon),
    password: colon < 0 ? undefined : userInfo?.slice(colon + 1),
    host: hostPort[1] ?? '',
    port: hostPort[2] === undefined ? undefined : Number(hostPort[2]),
    params,
    headers: question < 0 ? '' : afterUser.slice(question + 1),
  };
}

/** An @ after the question mark belongs to a header, not to the user. */
function endOfUserInfo(rest: string): number {
  const first = rest.indexOf('@');
  return first < 0 ? -1 : first;
}

function otherUri(scheme: string, rest: string): SipUri {
  return { scheme, user: rest, password: undefined, host: '', port: undefined, params: new Map(), headers: '' };
}
