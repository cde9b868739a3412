import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** Why a pod that does not answer does not run, by the scheduler's or its kubelet's word; undefined if they have none. */
export function troubleOf({ reachable, object }: PodView): string | undefined {
  return reachable ? undefined : object.trouble;
}

/** Which pods Kubernetes does not take, and why; undefined if it takes all. */
export function refusalText({ observed }: World): string | undefined {
  const { refusedPods = [] } = observed;
  const [first] = refusedPods;
  if (first === undefined) return undefined;
  const names = refusedPods.map(({ name }) => name).join(', ');
  return `Kubernetes does not take ${names}: ${first.why}`;
}
