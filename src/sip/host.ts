/** A host and, where written, its port. */
export interface HostPort {
  /** In lower case; an IPv6 address without brackets. */
  host: string;
  port: number | undefined;
}

/** Reads `host`, `host:port` or `[IPv6]:port`, white space around the colon allowed; undefined when malformed. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.startsWith('[')) return parseBracketed(text);
  const colon = text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon).trimEnd();
  if (!isHostName(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase(), port: undefined };
  const port = parsePort(text.slice(colon + 1).trimStart());
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

function parseBracketed(text: string): HostPort | undefined {
  const close = text.indexOf(']');
  const host = text.slice(1, close);
  if (close < 0 || !isIPv6(host)) return undefined;
  const rest = text.slice(close + 1).trimStart();
  if (rest === '') return { host: host.toLowerCase(), port: undefined };
  const port = rest.startsWith(':') ? parsePort(rest.slice(1).trimStart()) : undefined;
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

function parsePort(text: string): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  let port = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    port = port * 10 + digit;
  }
  return port > 65_535 ? undefined : port;
}

/** Letters, digits, hyphens, dots; underscores too, since names in use hold them. */
function isHostName(host: string): boolean {
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at);
    const letter = code | 32;
    const isPlain =
      (letter >= 97 && letter <= 122) ||
      (code >= 48 && code <= 57) ||
      code === 45 ||
      code === 46 ||
      code === 95;
    if (!isPlain) return false;
  }
  return host !== '';
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

/** The host as it is written in URIs and Via: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
