/** Copies are compared in this many buckets of keys; only differing buckets are listed. */
export const BUCKETS = 256;
/** Bytes of a whole digest: two words a bucket. */
export const DIGEST_LENGTH: number = BUCKETS * 8;
const TWO_32 = 0x1_0000_0000;
/** Stands for the version of an ended record. */
const END_MARK = 0xffff_ffff;
const PRIME_A = 0x9e3779b1;
const PRIME_B = 0x85ebca77;
const PRIME_C = 0xc2b2ae3d;
/** In the tests' sandbox each look at a global costs more than the multiplication. */
const { imul } = Math;

/** A 53-bit hash of a text, never 0: spreads keys and compares tables; it is no protection against an attacker. */
export function hashText(value: string): number {
  let low = 0x2545f491;
  let high = 0x1b873593;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    low = imul(low ^ code, PRIME_A);
    high = imul(high ^ code, PRIME_B);
  }
  low = mix(low ^ (high >>> 13));
  high = mix(high ^ (low >>> 11));
  return (high & 0x1f_ffff) * TWO_32 + (low >>> 0) || 1;
}

function mix(word: number): number {
  let mixed = imul(word ^ (word >>> 16), PRIME_B);
  mixed = imul(mixed ^ (mixed >>> 13), PRIME_C);
  return mixed ^ (mixed >>> 16);
}

/** The bucket of a key with that hash. */
export function bucketOf(hash: number): number {
  return (hash >>> 0) % BUCKETS;
}

/** Digest of a set of live records, (key, epoch, version), and of ended ones: the order in which they came does not matter. */
export class SetDigest {
  readonly #words: Uint32Array = new Uint32Array(BUCKETS * 2);

  /** Adds an entry, or takes it out: both are the same. */
  toggle(hash: number, epoch: number, version: number): void {
    const at = bucketOf(hash) * 2;
    const term = mix(imul(epoch, PRIME_A) + imul(version, PRIME_B));
    const low = mix((hash >>> 0) ^ term);
    this.#words[at] = (this.#words[at] ?? 0) ^ low;
    this.#words[at + 1] =
      (this.#words[at + 1] ?? 0) ^ mix(low ^ Math.floor(hash / TWO_32) ^ imul(term, PRIME_C));
  }

  /** Adds an end, or takes it out. */
  toggleEnd(hash: number): void {
    this.toggle(hash, END_MARK, END_MARK);
  }

  /** One number for the whole set. */
  summary(): number {
    return this.#words.reduce((sum, word) => mix(sum ^ word) >>> 0, 0);
  }

  /** The digest in network byte order. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(DIGEST_LENGTH);
    const view = new DataView(bytes.buffer);
    this.#words.forEach((word, index) => {
      view.setUint32(index * 4, word);
    });
    return bytes;
  }

  /** Which buckets differ from `bytes`, in `BUCKETS` bits; a digest of another length differs everywhere. */
  differing(bytes: Uint8Array): Bits {
    const bits = new Bits(BUCKETS);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const at = bucket * 8;
      const same =
        bytes.length === DIGEST_LENGTH &&
        view.getUint32(at) === this.#words[bucket * 2] &&
        view.getUint32(at + 4) === this.#words[bucket * 2 + 1];
      if (!same) bits.set(bucket);
    }
    return bits;
  }
}

/** A row of bits. */
export class Bits {
  readonly bytes: Uint8Array;

  constructor(bits: number | Uint8Array) {
    this.bytes = typeof bits === 'number' ? new Uint8Array(Math.ceil(bits / 8)) : bits.slice();
  }

  set(index: number): void {
    this.bytes[index >> 3] = (this.bytes[index >> 3] ?? 0) | (1 << (index & 7));
  }

  has(index: number): boolean {
    return ((this.bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  get empty(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }
}
