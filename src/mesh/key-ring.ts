import { hash } from 'node:crypto';

/** A secret that members of the mesh share; `id` travels in clear and names it. */
export interface MeshKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

const BLOCK_BYTES = 64;

/** A key with the two padded blocks of HMAC-SHA256 made ready (RFC 2104 §2). */
export interface RingKey extends MeshKey {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

interface Ring {
  readonly first: RingKey;
  readonly keys: ReadonlyMap<string, RingKey>;
}

/** The keys that are accepted; the first one is used to connect and to seal. Throws RangeError if there is none. */
export class KeyRing {
  #ring: Ring;

  constructor(keys: readonly MeshKey[]) {
    this.#ring = ringOf(keys);
  }

  /** The ring of keys as settings have them. */
  static of(keys: readonly { readonly id: string; readonly secret: string }[]): KeyRing {
    return new KeyRing(keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret) })));
  }

  /** From now on the other ring's keys are accepted instead; streams that are up stay. */
  replaceBy(other: KeyRing): void {
    this.#ring = other.#ring;
  }

  /** The key to connect and to seal with. */
  get first(): RingKey {
    return this.#ring.first;
  }

  /** The first one first. */
  get ids(): string[] {
    return [...this.#ring.keys.keys()];
  }

  /** The key with this id, undefined if the ring has none. */
  find(id: string): RingKey | undefined {
    return this.#ring.keys.get(id);
  }
}

function ringOf(given: readonly MeshKey[]): Ring {
  const keys = new Map(given.map((key) => [key.id, prepare(key)]));
  const [first] = keys.values();
  if (first === undefined) throw new RangeError('a mesh needs at least one key');
  return { first, keys };
}

function prepare(key: MeshKey): RingKey {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.secret.length > BLOCK_BYTES ? hash('sha256', key.secret, 'buffer') : key.secret);
  return { id: key.id, secret: key.secret, inner: padded(block, 0x36), outer: padded(block, 0x5c) };
}

function padded(block: Buffer, pad: number): Buffer {
  return Buffer.from(block.map((byte) => byte ^ pad));
}
