import type { HttpProbe } from '../../kube/objects.ts';

/** Kubernetes says 10; here pods come and go within seconds. */
const DEFAULT_PERIOD_SECONDS = 1;
const DEFAULT_FAILURES = 3;
const DEFAULT_SUCCESSES = 1;

/** What the answers to a probe say: it changes when enough of them in a row speak against it. */
export class ProbeVerdict {
  readonly #probe: HttpProbe;
  #good: boolean;
  /** Answers of the same kind in a row that are not what `good` says. */
  #against = 0;

  /** `good` is what holds before the first answer. */
  constructor(probe: HttpProbe, good: boolean) {
    this.#probe = probe;
    this.#good = good;
  }

  get good(): boolean {
    return this.#good;
  }

  get periodMs(): number {
    return (this.#probe.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
  }

  /** Takes one answer; true if it changed the verdict. */
  note(success: boolean): boolean {
    if (success === this.#good) {
      this.#against = 0;
      return false;
    }
    this.#against += 1;
    if (this.#against < this.#threshold(success)) return false;
    this.#against = 0;
    this.#good = success;
    return true;
  }

  #threshold(success: boolean): number {
    if (success) return this.#probe.successThreshold ?? DEFAULT_SUCCESSES;
    return this.#probe.failureThreshold ?? DEFAULT_FAILURES;
  }
}
