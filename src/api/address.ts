/** A host, literal or name, and a port. */
export interface HostPort {
  address: string;
  port: number;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.?$/i;

/** Stands for a port that is not written; nothing can be sent to it. */
const NO_PORT = 0;

/** 4 or 6 for a literal address, 0 for anything else; IPv6 without brackets. */
export function ipFamily(address: string): 0 | 4 | 6 {
  if (IPV4.test(address)) return 4;
  return isIPv6(address) ? 6 : 0;
}

/** Whether this is a literal address or a DNS name. */
export function isHost(text: string): boolean {
  if (ipFamily(text) !== 0) return true;
  return HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** Roughly what `parsePeer` takes, as part of a regular expression of RE2 for the API server: which addresses are right it cannot say. */
export const PEER = '(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)(:[1-9][0-9]{0,4})?';
const PEER_PATTERN = new RegExp(`^${PEER}$`);

/** The address that means "all of this machine's". */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || (isIPv6(address) && /^[0:]+$/.test(address));
}

/** `host`, `host:port`, `[v6]:port` or `[v6]`; undefined if it is none, or has no port and there is no default. */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  const [, address = '', digits] = bracketed ?? /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port === undefined || port > 65535) return undefined;
  if (bracketed ? ipFamily(address) !== 6 : !isHost(address)) return undefined;
  return { address, port };
}

/** What endpoints are told: a host, with a port or without one; IPv6 in brackets or without where there is none. */
export function parseAdvertised(text: string): { address: string; port?: number } | undefined {
  if (isHost(text)) return { address: text };
  const at = parseHostPort(text, NO_PORT);
  return at?.port === NO_PORT ? { address: at.address } : at;
}

/** Where something can be sent: as `parseHostPort`, with a port that there is. */
export function parsePeer(text: string, defaultPort: number): HostPort | undefined {
  return PEER_PATTERN.test(text) ? parseHostPort(text, defaultPort) : undefined;
}

/** Whether this is an address or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = ipFamily(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

// RFC 4291 §2.2: eight groups, one run of zeros may be `::`, the last two may be dotted.
function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const count = countGroups(half, index === halves.length - 1);
    if (count === undefined) return false;
    groups += count;
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

function countGroups(half: string, mayEndDotted: boolean): number | undefined {
  const groups = half.split(':');
  const last = groups.at(-1) ?? '';
  const dotted = mayEndDotted && last.includes('.');
  if (dotted && !IPV4.test(last)) return undefined;
  const plain = dotted ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return plain.length + (dotted ? 2 : 0);
}
