/** Whom a Contact of the pod stands for: `a` the caller, `b` the callee. */
export type TokenSide = 'a' | 'b';

/** What a token says to a pod that does not hold its dialog. */
export interface ParsedToken {
  /** The dialog's id: the token without its last letter. */
  id: string;
  side: TokenSide;
  /** Hash of the sharing tag's name; see {@link tagHash}. */
  tagHash: string;
}

/** A keyed hash as lower-case hex of at least 16 digits; the shell owns the key. */
export type Sign = (text: string) => string;

const VERSION = '1';
const HASH_DIGITS = 8;
/** 72 random bits. */
const RANDOM_DIGITS = 18;
/** 64 bits of the keyed hash. */
const MAC_DIGITS = 16;
const SIGNED_DIGITS = VERSION.length + HASH_DIGITS + RANDOM_DIGITS;
const ID_DIGITS = SIGNED_DIGITS + MAC_DIGITS;
const HEX = /^[0-9a-f]+$/;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TOKEN_PARAMETER = /;rh=([^;?>\s]*)/i;

/** Eight hex digits that name a sharing tag in tokens (FNV-1a, 32 bits); equal hashes are told apart by the record. */
export function tagHash(tag: string): string {
  let hash = FNV_OFFSET;
  for (let index = 0; index < tag.length; index++) {
    hash = Math.imul(hash ^ tag.charCodeAt(index), FNV_PRIME);
  }
  return (hash >>> 0).toString(16).padStart(HASH_DIGITS, '0');
}

/** Makes a dialog's id of its tag's hash and at least 18 hex digits of randomness. */
export function mintToken(hash: string, randomHex: string, sign: Sign): string {
  const signed = VERSION + hash + randomHex.slice(0, RANDOM_DIGITS).padStart(RANDOM_DIGITS, '0');
  return signed + sign(signed).slice(0, MAC_DIGITS);
}

/** Reads a token in any case of letters; undefined for anything that this version cannot have made. */
export function parseToken(text: string): ParsedToken | undefined {
  if (text.length !== ID_DIGITS + 1) return undefined;
  const token = text.toLowerCase();
  const side = token.charAt(ID_DIGITS);
  if (!token.startsWith(VERSION) || !HEX.test(token) || (side !== 'a' && side !== 'b')) return undefined;
  return {
    id: token.slice(0, ID_DIGITS),
    side,
    tagHash: token.slice(VERSION.length, VERSION.length + HASH_DIGITS),
  };
}

/** The token in a URI's `rh` parameter, if there is one. */
export function tokenOfUri(uri: string): ParsedToken | undefined {
  const found = TOKEN_PARAMETER.exec(uri)?.[1];
  return found === undefined ? undefined : parseToken(found);
}

/** Whether an id, lower case, was minted under this key. */
export function verifyToken(id: string, sign: Sign): boolean {
  if (id.length !== ID_DIGITS) return false;
  const expected = sign(id.slice(0, SIGNED_DIGITS)).slice(0, MAC_DIGITS);
  let difference = 0;
  for (let index = 0; index < MAC_DIGITS; index++) {
    difference |= id.charCodeAt(SIGNED_DIGITS + index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}
