import { randomFillSync } from 'node:crypto';
import type { RandomSource } from './calls/context.ts';

/** Bytes drawn at once: one draw costs as much as a short one. */
const POOL_BYTES = 4096;

/** Randomness from the operating system, drawn by the pool. */
export class RandomPool implements RandomSource {
  private readonly pool = Buffer.alloc(POOL_BYTES);
  private at = POOL_BYTES;

  hex(digits: number): string {
    const bytes = (digits + 1) >> 1;
    if (this.at + bytes > POOL_BYTES) this.refill();
    const text = this.pool.toString('hex', this.at, this.at + bytes);
    this.at += bytes;
    return text.length === digits ? text : text.slice(0, digits);
  }

  next(): number {
    if (this.at + 4 > POOL_BYTES) this.refill();
    const value = this.pool.readUInt32BE(this.at);
    this.at += 4;
    return value / 2 ** 32;
  }

  private refill(): void {
    randomFillSync(this.pool);
    this.at = 0;
  }
}
