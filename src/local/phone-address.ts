/** A literal address and port. */
export interface SocketAddress {
  address: string;
  port: number;
}

const HOST_PORT = /^<?sips?:(?:[^@>]*@)?(\[[0-9A-Fa-f:.]+\]|[^:;?>\s]+)(?::(\d+))?/i;

/** Where a URI, a name-addr or a route leads; undefined where no SIP URI with a host is found. */
export function addressOfUri(value: string): SocketAddress | undefined {
  const start = value.indexOf('<');
  const found = HOST_PORT.exec(start < 0 ? value.trim() : value.slice(start));
  const host = found?.[1];
  if (host === undefined) return undefined;
  return { address: host.replace(/[[\]]/g, ''), port: found?.[2] === undefined ? 5060 : Number(found[2]) };
}

/** host:port as it is written in a URI. */
export function hostPort(at: SocketAddress): string {
  return at.address.includes(':') ? `[${at.address}]:${String(at.port)}` : `${at.address}:${String(at.port)}`;
}

/** host:port of a Contact value; '' if there is none. */
export function contactHostPort(contact: string | undefined): string {
  const at = contact === undefined ? undefined : addressOfUri(contact);
  return at === undefined ? '' : hostPort(at);
}

/** The URI between angle brackets, or the value up to its first header parameter. */
export function uriOf(nameAddr: string): string {
  const found = /<([^>]*)>/.exec(nameAddr);
  return found?.[1] ?? (nameAddr.split(';')[0] ?? '').trim();
}
