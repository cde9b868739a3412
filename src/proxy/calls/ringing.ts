import type { CallContext } from './context.ts';

/** How keys of ringing counts begin among a tag's records; no dialog id looks like it. */
const KEY_PREFIX = 'ringing:';
/** Digits after it, since what has ended stays ended: each time that calls ring again there is another record. */
const KEY_DIGITS = 12;
/** How often the counts travel at most, in ms. */
const REPORT_EVERY_MS = 500;

/** What the standbys of a tag were told. */
interface Told {
  key: string;
  count: number;
}

/**
 * How many calls of each tag ring, told to the standbys, so that a new owner can say how many were lost. The record ends when none rings
 * any more: a tag that is given up is dropped once it has no records.
 */
export class Ringing {
  private readonly context: CallContext;
  private readonly told = new Map<string, Told>();
  private version = 0;

  constructor(context: CallContext) {
    this.context = context;
  }

  start(): void {
    this.context.wheel.set(REPORT_EVERY_MS, () => {
      this.start();
      this.report();
    });
  }

  /** Whether a record of a tag is a ringing count. */
  isKey(key: string): boolean {
    return key.startsWith(KEY_PREFIX);
  }

  /** The count as a record: four bytes, network order. Undefined if it has ended. */
  read(tag: string, key: string): Uint8Array | undefined {
    const told = this.told.get(tag);
    if (told?.key !== key) return undefined;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, told.count);
    return bytes;
  }

  /** Takes in the record of an owner before this one; if that is dead, its calls that rang are lost, and counted. */
  takeIn(tag: string, { key, bytes }: { key: string; bytes: Uint8Array }, isDead: boolean): void {
    if (this.told.get(tag)?.key === key) return;
    this.context.mesh.end(tag, key);
    const count = bytes.byteLength >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
    if (count === 0 || !isDead) return;
    this.context.metrics.callsLost.inc({ reason: 'ringing' }, count);
    this.context.log.warn('ringing calls lost with their owner', { tag, count });
  }

  /** Ends the record of a tag that goes to another pod: what rings here is finished here. */
  withdraw(tag: string): void {
    const told = this.told.get(tag);
    if (told === undefined) return;
    this.told.delete(tag);
    this.context.mesh.end(tag, told.key);
  }

  private report(): void {
    const counts = new Map<string, number>();
    for (const { setup, record } of this.context.calls.values()) {
      if (setup) counts.set(record.tag, (counts.get(record.tag) ?? 0) + 1);
    }
    for (const tag of this.context.mesh.ownedTags()) this.tell(tag, counts.get(tag) ?? 0);
  }

  private tell(tag: string, count: number): void {
    const told = this.told.get(tag);
    if (count === (told?.count ?? 0)) return;
    if (count === 0) {
      this.withdraw(tag);
      return;
    }
    const key = told?.key ?? KEY_PREFIX + this.context.random.hex(KEY_DIGITS);
    this.told.set(tag, { key, count });
    this.context.mesh.put(tag, key, ++this.version, false);
  }
}
