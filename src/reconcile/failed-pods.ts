import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** A pod that fails so soon after its creation is left for as long: its kubelet refuses it, and would refuse the next one. */
const FAILED_PAUSE_MS = 10_000;

/** Whether a pod failed just after it was made; until it is older it has no successor, and is there to be looked at. */
export function hasFailedAtOnce({ object, createdAtMs }: PodView, { nowMs }: World): boolean {
  const ageMs = nowMs - createdAtMs;
  return object.phase === 'Failed' && ageMs >= 0 && ageMs < FAILED_PAUSE_MS;
}

/** When the next of them gets a successor; Infinity if there is none. */
export function failedDueAtMs(world: World): number {
  const failed = world.pods.filter((pod) => hasFailedAtOnce(pod, world));
  return Math.min(Infinity, ...failed.map((pod) => pod.createdAtMs + FAILED_PAUSE_MS));
}
