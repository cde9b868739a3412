import type { SimPod } from './sim-pod.ts';

/** The eviction API and the disruption controller of Kubernetes, which sees the world of `lagTicks` ago. */
export class SimDisruption {
  readonly #lagTicks: number;
  /** What the controller has not looked at yet, oldest first. */
  readonly #seen: { minAvailable: number; healthy: string[] }[] = [];
  #allowed = 0;
  #observed = -1;
  readonly #disrupted = new Set<string>();

  constructor(lagTicks: number) {
    this.#lagTicks = lagTicks;
  }

  /** A tick passes. */
  look(pods: readonly SimPod[], minAvailable: number): void {
    const healthy = pods
      .filter((pod) => pod.ready && pod.metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.uid);
    this.#seen.push({ minAvailable, healthy });
    if (this.#seen.length <= this.#lagTicks) return;
    const seen = this.#seen.shift();
    if (seen === undefined) return;
    this.#observed = seen.minAvailable;
    const count = seen.healthy.filter((uid) => !this.#disrupted.has(uid)).length;
    this.#allowed = Math.max(0, count - seen.minAvailable);
  }

  /** Whether the pod may go now; a budget whose newest spec the controller has not seen allows nothing. */
  allows(pod: SimPod, minAvailable: number): boolean {
    if (pod.metadata.deletionTimestamp !== undefined) return false;
    // unhealthyPodEvictionPolicy: AlwaysAllow.
    if (!pod.ready) return true;
    if (this.#observed !== minAvailable || this.#allowed < 1) return false;
    this.#allowed--;
    this.#disrupted.add(pod.metadata.uid);
    return true;
  }
}
