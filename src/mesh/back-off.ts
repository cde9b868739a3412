const FIRST_MS = 20;

/** Waits between attempts: each twice the last one, and shortened at random by up to a half. */
export class BackOff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** How long to wait before the next attempt, at most `longestMs`. */
  next(longestMs: number): number {
    const waitMs = Math.min(this.#nextMs, longestMs);
    this.#nextMs = waitMs * 2;
    return waitMs * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
