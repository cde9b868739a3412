/** What a pod said of itself counts for so long, in ms; it is repeated more often. */
const HEARSAY_MS = 5_000;

interface Leaver {
  saidMs: number;
  /** It still has calls of its own, and needs the votes of others to act for them. */
  hasCalls: boolean;
}

/** Which of the other pods were told to stop, by their own word. */
export class Leavers {
  readonly #leavers = new Map<string, Leaver>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** A pod says that it was told to stop. */
  note(pod: string, hasCalls: boolean): void {
    this.#leavers.set(pod, { saidMs: this.#monotonicMs(), hasCalls });
  }

  /** The pod is gone; who comes back under its name has said nothing. */
  forget(pod: string): void {
    this.#leavers.delete(pod);
  }

  /** Whether it is pointless to hand anything to that pod. */
  isLeaving(pod: string): boolean {
    return this.#sayingOf(pod) !== undefined;
  }

  /** Whether a pod that was told to stop still has calls of its own. */
  haveCalls(): boolean {
    return [...this.#leavers.keys()].some((pod) => this.#sayingOf(pod)?.hasCalls === true);
  }

  #sayingOf(pod: string): Leaver | undefined {
    const leaver = this.#leavers.get(pod);
    return leaver && this.#monotonicMs() - leaver.saidMs < HEARSAY_MS ? leaver : undefined;
  }
}
