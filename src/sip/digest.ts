import { quote, unquote } from './quoted-string.ts';

/** A hash function as lower-case hex. */
export type HexHash = (text: string) => string;

/** The hash functions of digest authentication, by their name in challenges (RFC 8760 §2.3). */
export interface DigestHashes {
  readonly MD5: HexHash;
  readonly 'SHA-256': HexHash;
}

/** What a server asks for: one value of WWW-Authenticate or Proxy-Authenticate (RFC 7616 §3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: keyof DigestHashes;
  /** Whether the server wants qop=auth; one of RFC 2069 says nothing. */
  readonly qopAuth: boolean;
  /** The nonce before was right but too old: the credentials were. */
  readonly stale: boolean;
}

/** Who answers a challenge, and to which request. */
export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  /** How often this nonce was answered, this time included. */
  readonly nonceCount: number;
  /** Unpredictable, of the answering side. */
  readonly cnonce: string;
}

const PARAMETER = /([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)/g;
const NONCE_COUNT_DIGITS = 8;

/** Reads a challenge; undefined for a scheme, an algorithm or a protection that cannot be answered. */
export function parseDigestChallenge(value: string): DigestChallenge | undefined {
  const named = parametersOf(value);
  const algorithm = algorithmOf(named.get('algorithm'));
  const realm = named.get('realm');
  const nonce = named.get('nonce');
  const qops = named
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  if (algorithm === undefined || realm === undefined || nonce === undefined) return undefined;
  if (qops?.includes('auth') === false) return undefined;
  const stale = named.get('stale')?.toLowerCase() === 'true';
  return { realm, nonce, opaque: named.get('opaque'), algorithm, qopAuth: qops !== undefined, stale };
}

/** The parameters of a value with the scheme Digest; none for another scheme. */
function parametersOf(value: string): Map<string, string> {
  const named = new Map<string, string>();
  if (!/^\s*Digest\s/i.test(value)) return named;
  for (const [, name = '', text = ''] of value.matchAll(PARAMETER))
    named.set(name.toLowerCase(), unquote(text));
  return named;
}

/** MD5 where nothing is said (RFC 3261 §22.4, RFC 7616 §3.3). */
function algorithmOf(text = 'MD5'): keyof DigestHashes | undefined {
  const name = text.toUpperCase();
  return name === 'MD5' || name === 'SHA-256' ? name : undefined;
}

/** The value of Authorization or Proxy-Authorization that answers a challenge (RFC 7616 §3.4). */
export function answerDigest(
  challenge: DigestChallenge,
  request: DigestRequest,
  hashes: DigestHashes,
): string {
  const { realm, nonce, opaque, algorithm, qopAuth } = challenge;
  const { username, password, method, uri, cnonce } = request;
  const hash = hashes[algorithm];
  const nc = request.nonceCount.toString(16).padStart(NONCE_COUNT_DIGITS, '0');
  const secret = hash(`${username}:${realm}:${password}`);
  const asked = hash(`${method}:${uri}`);
  const middle = qopAuth ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${hash(`${secret}:${middle}:${asked}`)}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qopAuth ? [`qop=auth`, `nc=${nc}`, `cnonce=${quote(cnonce)}`] : []),
  ];
  return `Digest ${parts.join(', ')}`;
}
