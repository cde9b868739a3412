import { bucketOf, hashText, type Bits } from './digest.ts';

/** OWNERSHIP 6: how long an end is remembered. */
export const REMEMBER_ENDS_MS = 600_000;
const GENERATION_MS = 60_000;
const FIRST_SLOTS = 64;

/** The keys of ended records, by hash, for at least `REMEMBER_ENDS_MS`: about 16 bytes each, since a busy pod ends a thousand a second. */
export class EndedKeys {
  /** Newest first. */
  #generations: Generation[] = [];

  get size(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.hashes.size, 0);
  }

  /** False if it was there already. */
  add(hash: number, nowMs: number): boolean {
    if (this.has(hash)) return false;
    this.expire(nowMs);
    let newest = this.#generations[0];
    if (newest === undefined || nowMs - newest.startedMs >= GENERATION_MS) {
      newest = { startedMs: nowMs, hashes: new HashSet() };
      this.#generations.unshift(newest);
    }
    newest.hashes.add(hash);
    return true;
  }

  has(hash: number): boolean {
    return this.#generations.some((generation) => generation.hashes.has(hash));
  }

  hasKey(key: string): boolean {
    return this.#generations.length > 0 && this.has(hashText(key));
  }

  expire(nowMs: number): void {
    const old = (generation: Generation): boolean =>
      nowMs - generation.startedMs >= REMEMBER_ENDS_MS + GENERATION_MS;
    const last = this.#generations.at(-1);
    if (last !== undefined && old(last))
      this.#generations = this.#generations.filter((generation) => !old(generation));
  }

  /** Hashes in those buckets, or all. */
  hashes(buckets?: Bits): number[] {
    const found: number[] = [];
    for (const { hashes } of this.#generations)
      hashes.forEach((hash) => {
        if (buckets === undefined || buckets.has(bucketOf(hash))) found.push(hash);
      });
    return found;
  }
}

interface Generation {
  startedMs: number;
  hashes: HashSet;
}

/** Open addressing over doubles; 0 marks a free slot, and a hash of 0 is kept as 1. */
class HashSet {
  #slots: Float64Array = new Float64Array(FIRST_SLOTS);
  size = 0;

  has(hash: number): boolean {
    return this.#slots[this.#slot(hash === 0 ? 1 : hash)] !== 0;
  }

  add(hash: number): void {
    const value = hash === 0 ? 1 : hash;
    const slot = this.#slot(value);
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = value;
    this.size++;
    if (this.size * 2 > this.#slots.length) this.#grow();
  }

  forEach(visit: (hash: number) => void): void {
    for (const value of this.#slots) if (value !== 0) visit(value);
  }

  #slot(value: number): number {
    const mask = this.#slots.length - 1;
    let slot = ((value >>> 0) ^ (value >>> 15)) & mask;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const value of old) if (value !== 0) this.#slots[this.#slot(value)] = value;
  }
}

/** Hashes as eight bytes each, network byte order. */
export function encodeHashes(hashes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 8);
  const view = new DataView(bytes.buffer);
  hashes.forEach((hash, index) => {
    view.setFloat64(index * 8, hash);
  });
  return bytes;
}

/** The hashes in `bytes`; what is no hash is left out. */
export function decodeHashes(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hashes: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) hashes.push(view.getFloat64(at));
  return hashes.filter((hash) => Number.isSafeInteger(hash) && hash > 0);
}
