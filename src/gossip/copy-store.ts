import { bucketOf, hashText, SetDigest, type Bits } from './digest.ts';
import { EndedKeys, type EndedKey } from './ended-keys.ts';
import type { InventoryItem, RecordItem } from './message.ts';

/** OWNERSHIP 6: a copy that was out of touch for longer gives only what it changed meanwhile. */
export const OUT_OF_TOUCH_MS = 300_000;
const SECOND_MS = 1000;
const NEVER = -1;

/** One record's newest version here; without bytes, the program of this pod holds it. */
interface Copy {
  epoch: number;
  version: number;
  bytes: Uint8Array | undefined;
  doubtful: boolean;
  /** When the program of this pod last changed it, in whole seconds, to stay a small integer. */
  ownedAtSeconds: number;
}

/** What a merge did: `older` nothing, `newer` and `ended` changed the store. */
export type MergeResult = 'older' | 'newer' | 'ended';

/** All that a pod holds of one tag, as owner (the program has the bytes) or as standby: merged per record, never replaced as a whole. */
export class CopyStore {
  readonly ended: EndedKeys = new EndedKeys();
  readonly #copies = new Map<string, Copy>();
  readonly #digest = new SetDigest();
  /** When this copy was last known to be whole, in ms; what changed later is this pod's own knowledge. */
  touchedAtMs: number = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#copies.size;
  }

  get empty(): boolean {
    return this.#copies.size === 0 && this.ended.size === 0;
  }

  has(key: string): boolean {
    return this.#copies.has(key);
  }

  version(key: string): InventoryItem | undefined {
    const copy = this.#copies.get(key);
    return copy && { key, epoch: copy.epoch, version: copy.version };
  }

  /** The bytes, if they are kept here. */
  bytes(key: string): Uint8Array | undefined {
    return this.#copies.get(key)?.bytes;
  }

  doubtful(key: string): boolean {
    return this.#copies.get(key)?.doubtful ?? false;
  }

  /** The program of this pod holds this version from now on. Ended records stay ended: false. */
  own(key: string, epoch: number, version: number, nowMs: number): boolean {
    const hash = hashText(key);
    if (this.ended.has(hash)) return false;
    this.#set(key, hash, {
      epoch,
      version,
      bytes: undefined,
      doubtful: false,
      ownedAtSeconds: Math.ceil(nowMs / SECOND_MS),
    });
    return true;
  }

  /** OWNERSHIP 6: the higher (epoch, version) wins, except that an end wins over any live version. Bytes are copied. */
  merge(item: RecordItem, nowMs: number): MergeResult {
    const hash = hashText(item.key);
    if (item.ended) return this.end(item.key, nowMs) ? 'ended' : 'older';
    if (this.ended.has(hash)) return 'older';
    const held = this.#copies.get(item.key);
    if (held !== undefined && !isNewer(item, held)) return 'older';
    this.#set(item.key, hash, {
      epoch: item.epoch,
      version: item.version,
      bytes: item.bytes.slice(),
      doubtful: item.doubtful,
      ownedAtSeconds: NEVER,
    });
    return 'newer';
  }

  /** Ends a record; false if that was known and nothing live was left. */
  end(key: string, nowMs: number): boolean {
    const hash = hashText(key);
    const fresh = this.#addEnd({ hash, endedAtMs: nowMs }, nowMs);
    return this.#drop(key, hash) || fresh;
  }

  /** Takes over ends that are news; returns them and the keys of the live records that they end. */
  endAll(ends: readonly EndedKey[], nowMs: number): { news: EndedKey[]; keys: string[] } {
    const news = ends.filter((end) => this.#addEnd(end, nowMs));
    if (news.length === 0) return { news, keys: [] };
    const hashes = new Set(news.map((end) => end.hash));
    const keys = [...this.#copies.keys()].filter((key) => hashes.has(hashText(key)));
    for (const key of keys) this.#drop(key, hashText(key));
    return { news, keys };
  }

  isEnded(key: string): boolean {
    return this.ended.has(hashText(key));
  }

  /** Forgets ends that are too old to matter. */
  expire(nowMs: number): void {
    for (const hash of this.ended.expire(nowMs)) this.#digest.toggleEnd(hash);
  }

  /** Forgets a record that is nowhere to be read any more. */
  forget(key: string): void {
    this.#drop(key, hashText(key));
  }

  /** Forgets all live copies, not the ends. */
  clear(): void {
    for (const key of this.keys()) this.forget(key);
  }

  /** Keeps the bytes that only the program had, so that it may forget them. */
  adopt(read: (key: string) => Uint8Array | undefined): void {
    for (const [key, copy] of this.#copies) {
      if (copy.bytes !== undefined) continue;
      copy.bytes = read(key)?.slice();
      if (copy.bytes === undefined) this.forget(key);
    }
  }

  keys(): string[] {
    return [...this.#copies.keys()];
  }

  /** Whether this copy may stand for more than what it changed by itself. */
  inTouch(nowMs: number): boolean {
    return nowMs - this.touchedAtMs <= OUT_OF_TOUCH_MS;
  }

  /** Forgets what a copy that was out of touch must not give; the rest is doubtful. */
  forgetUntouched(): void {
    for (const [key, copy] of this.#copies) {
      if (copy.ownedAtSeconds * SECOND_MS <= this.touchedAtMs || copy.ownedAtSeconds === NEVER)
        this.forget(key);
      else copy.doubtful = true;
    }
  }

  /** All copies are doubtful: nobody else had any. */
  doubtAll(): void {
    for (const copy of this.#copies.values()) copy.doubtful = true;
  }

  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  /** One number for `digest`. */
  summary(): number {
    return this.#digest.summary();
  }

  differing(digest: Uint8Array): Bits {
    return this.#digest.differing(digest);
  }

  /** The records in those buckets. */
  inventory(buckets: Bits): InventoryItem[] {
    const items: InventoryItem[] = [];
    for (const [key, copy] of this.#copies)
      if (buckets.has(bucketOf(hashText(key)))) items.push({ key, epoch: copy.epoch, version: copy.version });
    return items;
  }

  #set(key: string, hash: number, copy: Copy): void {
    const held = this.#copies.get(key);
    if (held !== undefined) this.#digest.toggle(hash, held.epoch, held.version);
    this.#digest.toggle(hash, copy.epoch, copy.version);
    if (held === undefined) this.#copies.set(key, copy);
    else Object.assign(held, copy);
  }

  #addEnd(end: EndedKey, nowMs: number): boolean {
    if (!this.ended.add(end, nowMs)) return false;
    this.#digest.toggleEnd(end.hash);
    return true;
  }

  #drop(key: string, hash: number): boolean {
    const held = this.#copies.get(key);
    if (held === undefined) return false;
    this.#digest.toggle(hash, held.epoch, held.version);
    return this.#copies.delete(key);
  }
}

/** Whether `a` is a later version of a record than `b`. */
export function isNewer(
  a: { epoch: number; version: number },
  b: { epoch: number; version: number },
): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.version > b.version);
}
