const QUIET_MS = 10_000;
const MAX_SUBJECTS = 1000;

/** Lets a subject be logged once in 10 s, so that a stranger's traffic cannot fill the disk. */
export class LogThrottle {
  readonly #nowMs: () => number;
  readonly #lastMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether it may be logged now. */
  pass(subject: string): boolean {
    const nowMs = this.#nowMs();
    const last = this.#lastMs.get(subject);
    if (last !== undefined && nowMs - last < QUIET_MS) return false;
    if (last === undefined && this.#lastMs.size >= MAX_SUBJECTS) this.#lastMs.clear();
    this.#lastMs.set(subject, nowMs);
    return true;
  }
}
