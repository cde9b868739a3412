import { bucketOf, type Bits } from './digest.ts';

/** OWNERSHIP 6: how long an end is remembered. */
export const REMEMBER_ENDS_MS = 600_000;
const MINUTE_MS = 60_000;
const FIRST_SLOTS = 64;
/** On the wire: the hash, and the age of the end in seconds. */
const ENTRY_LENGTH = 10;
const MAX_AGE_SECONDS = 0xffff;

/** The end of a record, by the hash of its key. */
export interface EndedKey {
  hash: number;
  endedAtMs: number;
}

/**
 * The keys of ended records, by hash, for `REMEMBER_ENDS_MS`, give or take a minute: about 16 bytes each, since a busy pod ends a thousand
 * a second. Ages travel with them and are rounded up, so that pods cannot keep an end alive by telling it to each other.
 */
export class EndedKeys {
  readonly #minutes = new Map<number, HashSet>();

  get size(): number {
    let size = 0;
    for (const hashes of this.#minutes.values()) size += hashes.size;
    return size;
  }

  /** False if it was known, or is too old to matter. */
  add({ hash, endedAtMs }: EndedKey, nowMs: number): boolean {
    const minute = Math.floor(endedAtMs / MINUTE_MS);
    if (minute <= oldestMinute(nowMs) || this.has(hash)) return false;
    const hashes = this.#minutes.get(minute) ?? new HashSet();
    this.#minutes.set(minute, hashes);
    hashes.add(hash);
    return true;
  }

  has(hash: number): boolean {
    for (const hashes of this.#minutes.values()) if (hashes.has(hash)) return true;
    return false;
  }

  /** Forgets what is too old and returns the hashes. */
  expire(nowMs: number): number[] {
    const forgotten: number[] = [];
    for (const [minute, hashes] of this.#minutes) {
      if (minute > oldestMinute(nowMs)) continue;
      this.#minutes.delete(minute);
      hashes.forEach((hash) => forgotten.push(hash));
    }
    return forgotten;
  }

  /** The ends in those buckets. */
  inBuckets(buckets: Bits): EndedKey[] {
    const found: EndedKey[] = [];
    for (const [minute, hashes] of this.#minutes)
      hashes.forEach((hash) => {
        if (buckets.has(bucketOf(hash))) found.push({ hash, endedAtMs: minute * MINUTE_MS });
      });
    return found;
  }
}

function oldestMinute(nowMs: number): number {
  return Math.floor((nowMs - REMEMBER_ENDS_MS) / MINUTE_MS) - 1;
}

/** Open addressing over doubles; 0 marks a free slot. */
class HashSet {
  #slots: Float64Array = new Float64Array(FIRST_SLOTS);
  size = 0;

  has(hash: number): boolean {
    return this.#slots[this.#slot(hash)] !== 0;
  }

  add(hash: number): void {
    const slot = this.#slot(hash);
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = hash;
    this.size++;
    if (this.size * 2 > this.#slots.length) this.#grow();
  }

  forEach(visit: (hash: number) => void): void {
    for (const hash of this.#slots) if (hash !== 0) visit(hash);
  }

  #slot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = ((hash >>> 0) ^ (hash >>> 15)) & mask;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const hash of old) if (hash !== 0) this.#slots[this.#slot(hash)] = hash;
  }
}

/** Ends as bytes, with their age in place of their time. */
export function encodeEnds(ends: readonly EndedKey[], nowMs: number): Uint8Array {
  const bytes = new Uint8Array(ends.length * ENTRY_LENGTH);
  const view = new DataView(bytes.buffer);
  ends.forEach(({ hash, endedAtMs }, index) => {
    view.setFloat64(index * ENTRY_LENGTH, hash);
    const ageSeconds = Math.ceil((nowMs - endedAtMs) / 1000);
    view.setUint16(index * ENTRY_LENGTH + 8, Math.min(MAX_AGE_SECONDS, Math.max(0, ageSeconds)));
  });
  return bytes;
}

/** The ends in `bytes`; what is no hash is left out. */
export function decodeEnds(bytes: Uint8Array, nowMs: number): EndedKey[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends: EndedKey[] = [];
  for (let at = 0; at + ENTRY_LENGTH <= bytes.length; at += ENTRY_LENGTH) {
    const hash = view.getFloat64(at);
    if (Number.isSafeInteger(hash) && hash > 0)
      ends.push({ hash, endedAtMs: nowMs - view.getUint16(at + 8) * 1000 });
  }
  return ends;
}
