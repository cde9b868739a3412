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

/** The keys that are accepted; the first one is used to connect and to seal. Throws RangeError if there is none. */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();
  readonly first: RingKey;

  constructor(keys: readonly MeshKey[]) {
    for (const key of keys) this.#keys.set(key.id, prepare(key));
    const [first] = this.#keys.values();
    if (first === undefined) throw new RangeError('a mesh needs at least one key');
    this.first = first;
  }

  /** The key with this id, undefined if the ring has none. */
  find(id: string): RingKey | undefined {
    return this.#keys.get(id);
  }
}

function prepare(key: MeshKey): RingKey {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.secret.length > BLOCK_BYTES ? hash('sha256', key.secret, 'buffer') : key.secret);
  return { id: key.id, secret: key.secret, inner: padded(block, 0x36), outer: padded(block, 0x5c) };
}

function padded(block: Buffer, pad: number): Buffer {
  return Buffer.from(block.map((byte) => byte ^ pad));
}
