import type { HttpProbe } from '../../kube/objects.ts';

/** Kubernetes says 10; here pods come and go within seconds. */
const DEFAULT_PERIOD_SECONDS = 1;
const DEFAULT_FAILURES = 3;
const DEFAULT_SUCCESSES = 1;

/** Whether a container is ready, by the answers to its readiness probe. Without a probe it is from the start. */
export class Readiness {
  readonly #probe: HttpProbe | undefined;
  #ready: boolean;
  /** Answers of the same kind in a row that are not what `ready` says. */
  #against = 0;

  constructor(probe: HttpProbe | undefined) {
    this.#probe = probe;
    this.#ready = probe === undefined;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get periodMs(): number {
    return (this.#probe?.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
  }

  /** Takes one answer; true if it changed whether the container is ready. */
  note(success: boolean): boolean {
    if (success === this.#ready) {
      this.#against = 0;
      return false;
    }
    this.#against += 1;
    if (this.#against < this.#threshold(success)) return false;
    this.#against = 0;
    this.#ready = success;
    return true;
  }

  #threshold(success: boolean): number {
    if (success) return this.#probe?.successThreshold ?? DEFAULT_SUCCESSES;
    return this.#probe?.failureThreshold ?? DEFAULT_FAILURES;
  }
}
