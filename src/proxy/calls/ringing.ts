import type { CallContext } from './context.ts';

/** The key of a tag's ringing count among its records; no dialog id looks like it. */
export const RINGING_KEY = 'ringing';
/** How often the counts travel at most, in ms. */
const REPORT_EVERY_MS = 500;

/** How many calls of each tag ring, told to the standbys, so that a new owner can say how many were lost. */
export class Ringing {
  private readonly context: CallContext;
  private readonly told = new Map<string, number>();
  private version = 0;

  constructor(context: CallContext) {
    this.context = context;
  }

  start(): void {
    this.context.wheel.set(REPORT_EVERY_MS, () => {
      this.report();
      this.start();
    });
  }

  /** The count as a record: four bytes, network order. */
  read(tag: string): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.told.get(tag) ?? 0);
    return bytes;
  }

  /** A dead owner's calls that rang are lost: they are counted. */
  lost(tag: string, bytes: Uint8Array): void {
    const count = bytes.byteLength >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
    if (count === 0) return;
    this.context.metrics.callsLost.inc({ reason: 'ringing' }, count);
    this.context.log.warn('ringing calls lost with their owner', { tag, count });
  }

  private report(): void {
    const counts = new Map<string, number>();
    for (const { setup, record } of this.context.calls.values()) {
      if (setup) counts.set(record.tag, (counts.get(record.tag) ?? 0) + 1);
    }
    for (const tag of this.context.mesh.ownedTags()) {
      const count = counts.get(tag) ?? 0;
      if (count === (this.told.get(tag) ?? 0)) continue;
      this.told.set(tag, count);
      this.context.mesh.put(tag, RINGING_KEY, ++this.version, false);
    }
  }
}
