import { hash } from 'node:crypto';
import { mintToken, tagHash, verifyToken, type Sign } from '../../dialog/token.ts';

const RANDOM_DIGITS = 18;

/** A secret that the pods of a cluster share. */
export interface TokenSecret {
  readonly id: string;
  readonly secret: string;
}

/** A call, as far as its token goes. */
export interface TokenHolder {
  readonly record: { readonly id: string };
}

/** Makes and checks the tokens in Contacts: the first key signs, all are accepted. */
export class TokenKeys {
  #signs: ReadonlyMap<string, Sign> = new Map();
  /** The key of a call's token, since calls are counted again and again; '' if none of the present ones. */
  #madeBy = new WeakMap<TokenHolder, string>();

  constructor(keys: readonly TokenSecret[]) {
    this.replace(keys);
  }

  /** From now on these keys are used; tokens of a key that is gone are refused. */
  replace(keys: readonly TokenSecret[]): void {
    this.#signs = new Map(keys.map(({ id, secret }) => [id, signWith(tokenKey(secret))]));
    this.#madeBy = new WeakMap();
  }

  /** The first one first. */
  get ids(): string[] {
    return [...this.#signs.keys()];
  }

  /** A new token id of a sharing tag. Throws RangeError if there is no key. */
  mint(tag: string, randomHex: (digits: number) => string): string {
    const [sign] = this.#signs.values();
    if (sign === undefined) throw new RangeError('tokens need at least one key');
    return mintToken(tagHash(tag), randomHex(RANDOM_DIGITS), sign);
  }

  /** Id of the key that made a token id; undefined if none of these did. */
  keyOf(id: string): string | undefined {
    for (const [key, sign] of this.#signs) if (verifyToken(id, sign)) return key;
    return undefined;
  }

  /** Ids of the keys that made the tokens of these calls, in the order of the ring. */
  inUse(calls: Iterable<TokenHolder>): string[] {
    const used = new Set<string>();
    for (const call of calls) used.add(this.#keyOf(call));
    return this.ids.filter((id) => used.has(id));
  }

  #keyOf(call: TokenHolder): string {
    const known = this.#madeBy.get(call);
    if (known !== undefined) return known;
    const key = this.keyOf(call.record.id) ?? '';
    this.#madeBy.set(call, key);
    return key;
  }
}

/** Keys of the mesh may stand in for keys of tokens, and the two uses have nothing in common. */
function tokenKey(secret: string): string {
  return hash('sha256', `rehome token ${secret}`);
}

/** Keyed before and after, like HMAC (RFC 2104), by two one-shot hashes: a fifth of the cost of an HMAC object. */
function signWith(key: string): Sign {
  return (text) => hash('sha256', key + hash('sha256', key + text));
}
