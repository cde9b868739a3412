/** The first wait, and the longest, as the kubelet has them. */
const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;
/** A container that ran for so long is trusted again. */
const RESET_AFTER_MS = 600_000;

/** How long a container that ended waits before it is started again: at first not at all, then twice as long each time. */
export class RestartBackOff {
  #nextMs = 0;

  /** The wait after a run of `ranMs`. */
  afterRun(ranMs: number): number {
    if (ranMs >= RESET_AFTER_MS) this.#nextMs = 0;
    const wait = this.#nextMs;
    this.#nextMs = wait === 0 ? FIRST_MS : Math.min(wait * 2, LONGEST_MS);
    return wait;
  }
}
