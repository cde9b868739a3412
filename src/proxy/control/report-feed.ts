import type { TimingWheel } from '../../runtime/timing-wheel.ts';

/** Changes within this time make one new version, in ms. */
const COALESCE_MS = 20;

/** Versions of a pod's report, and those who wait for the next one. */
export class ReportFeed {
  readonly #wheel: TimingWheel;
  readonly #prefix: string;
  readonly #fingerprint: () => string;
  readonly #waiting = new Set<() => void>();
  #number = 0;
  #seen = '';
  #due = false;

  /**
   * `prefix` is another one for each process, so that no two of them share a version; `fingerprint` tells whether
   * something but counters has changed.
   */
  constructor(wheel: TimingWheel, prefix: string, fingerprint: () => string) {
    this.#wheel = wheel;
    this.#prefix = prefix;
    this.#fingerprint = fingerprint;
  }

  get version(): string {
    return `${this.#prefix}.${this.#number.toString(36)}`;
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#due) return;
    this.#due = true;
    this.#wheel.set(COALESCE_MS, () => {
      this.#due = false;
      this.refresh();
    });
  }

  /** Looks whether something has changed, and tells those who wait. */
  refresh(): void {
    const now = this.#fingerprint();
    if (now === this.#seen) return;
    this.#seen = now;
    this.#number++;
    this.release();
  }

  /** Resolves when the version is another one than `since`, at the latest after `limitMs`. */
  async next(since: string, limitMs: number): Promise<void> {
    this.refresh();
    if (since !== this.version || limitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        this.#wheel.clear(timer);
        resolve();
      };
      const timer = this.#wheel.set(limitMs, done);
      this.#waiting.add(done);
    });
  }

  /** Lets all who wait go now. */
  release(): void {
    for (const done of [...this.#waiting]) done();
  }
}
