import { decimal } from './number.ts';

/** A host and, where written, its port. */
export interface HostPort {
  /** In lower case; an IPv6 address without brackets. */
  host: string;
  port: number | undefined;
}

/** Reads `host`, `host:port` or `[IPv6]:port`; undefined when malformed. */
export function parseHostPort(text: string): HostPort | undefined {
  const isReference = text.startsWith('[');
  const colon = text.indexOf(':', isReference ? text.indexOf(']') : 0);
  const end = colon < 0 ? text.length : colon;
  const host = isReference ? parseReference(text.slice(0, end)) : parseHostName(text.slice(0, end));
  if (host === undefined) return undefined;
  if (colon < 0) return { host, port: undefined };
  const port = parsePort(text.slice(colon + 1));
  return port === undefined ? undefined : { host, port };
}

function parseReference(text: string): string | undefined {
  const address = text.slice(1, -1);
  return text.endsWith(']') && isIPv6(address) ? address.toLowerCase() : undefined;
}

function parseHostName(text: string): string | undefined {
  for (let at = 0; at < text.length; at++) if (HOST_CHARACTER[text.charCodeAt(at)] !== 1) return undefined;
  return text === '' ? undefined : text.toLowerCase();
}

function parsePort(text: string): number | undefined {
  const port = text.length > 5 ? undefined : decimal(text);
  return port === undefined || port > 65_535 ? undefined : port;
}

/** Letters, digits, hyphens, dots; underscores too, since names in use hold them. */
const HOST_CHARACTER: Uint8Array = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._') {
  HOST_CHARACTER[character.charCodeAt(0)] = 1;
}

/** Whether the text is an IPv6 address without brackets (RFC 3513 §2.2, RFC 5118 §4.10). */
export function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  const groups = counts.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** How many 16-bit groups stand in a part without `::`; infinite when one is malformed. */
function groupsOf(part: string, mayEndInIPv4: boolean): number {
  if (part === '') return 0;
  const pieces = part.split(':');
  const last = pieces[pieces.length - 1] ?? '';
  if (mayEndInIPv4 && isIPv4(last)) return pieces.slice(0, -1).every(isGroup) ? pieces.length + 1 : Infinity;
  return pieces.every(isGroup) ? pieces.length : Infinity;
}

function isGroup(text: string): boolean {
  return /^[0-9a-f]{1,4}$/i.test(text);
}

/** Whether the text is a dotted IPv4 address. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** Whether no single host can be meant: the broadcast address or a multicast group. */
export function isGroupAddress(host: string): boolean {
  if (!isIPv4(host)) return /^ff[0-9a-f]{2}:/i.test(host);
  const first = Number(host.slice(0, host.indexOf('.')));
  return (first >= 224 && first <= 239) || host === '255.255.255.255';
}

/** The host as it is written in URIs and Via: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
