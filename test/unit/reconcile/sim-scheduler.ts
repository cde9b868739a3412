import type { ObservedNode } from '../../../src/reconcile/observed.ts';
import type { SimPod } from './sim-pod.ts';

/** Ticks from a pod's node to its process having joined. */
const START_TICKS = 2;

/** The scheduler of Kubernetes: a pod without a node gets the one with the fewest pods that may take it, as soon as there is one. */
export class SimScheduler {
  /** Two pods never share a node, by a rule of the user's. */
  apart = false;
  #addresses = 0;

  schedule(pods: readonly SimPod[], nodes: readonly ObservedNode[]): void {
    for (const pod of pods) {
      if (pod.node !== '' || pod.metadata.deletionTimestamp !== undefined) continue;
      const load = (node: string): number => pods.filter((each) => each.node === node).length;
      const [node] = nodes
        .filter((each) => !each.unschedulable && each.taints.length === 0 && each.ready)
        .map(({ metadata }) => metadata.name)
        .filter((name) => !this.apart || load(name) === 0)
        .sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1));
      if (node === undefined) continue;
      pod.node = node;
      pod.ip = `10.0.0.${++this.#addresses}`;
      pod.startsIn = START_TICKS;
    }
  }
}
