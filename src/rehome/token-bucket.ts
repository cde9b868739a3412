/** A bucket holds what comes in this time, so that a take every few milliseconds loses nothing of the rate. */
const BURST_MS = 50;

/** Lets so many things a second pass, in bursts of 50 ms' worth. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    this.#capacity = Math.max(1, this.#perMs * BURST_MS);
    this.#tokens = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Whole tokens in the bucket. */
  available(nowMs: number): number {
    if (nowMs > this.#atMs) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
      this.#atMs = nowMs;
    }
    return Math.floor(this.#tokens + ROUNDING);
  }

  has(nowMs: number): boolean {
    return this.available(nowMs) >= 1;
  }

  /** Takes a token that `has` promised. */
  take(nowMs: number): void {
    this.available(nowMs);
    this.#tokens -= 1;
  }

  /** When there is a token: now, or later. */
  nextMs(nowMs: number): number {
    return this.has(nowMs) ? nowMs : nowMs + Math.ceil((1 - this.#tokens) / this.#perMs);
  }
}

/** Sums of fractions may miss a whole number by a little. */
const ROUNDING = 1e-9;
