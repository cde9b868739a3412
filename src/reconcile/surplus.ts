import type { MoveCause } from '../api/dialog-shard-type.ts';
import { drainReason } from './drained-nodes.ts';
import { dialogsOn } from './load.ts';
import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** A pod that goes because of the spec. */
interface Surplus {
  cause: MoveCause;
  reason: string;
}

/**
 * The pods that go because the spec wants fewer of them, or others: `staying` are those that count among the replicas. Ready pods
 * of an old template go only while `replicas` ready ones remain; without surge one at a time, while all others are ready.
 */
export function surplusPods(world: World, staying: readonly PodView[]): Map<string, Surplus> {
  const extra = staying.length - world.spec.replicas;
  const old = staying.filter((pod) => pod.templateHash !== world.templateHash);
  const going = new Map<string, Surplus>();
  const replaced = extra > 0 ? supersededPods(world, staying, old) : replacedInPlace(world, staying, old);
  const hasSuccessors = old.length < staying.length;
  for (const pod of replaced)
    going.set(pod.name, extra > 0 && !hasSuccessors ? scaledIn(world, pod) : outdated(pod));
  const others = inOrderOfGoing(
    world,
    staying.filter((pod) => !old.includes(pod)),
  );
  for (const pod of others.slice(0, Math.max(0, extra - old.length)))
    going.set(pod.name, scaledIn(world, pod));
  return going;
}

/** Who would go first: who goes already, whose node is to be emptied, who is not ready, who has the fewest dialogs, who has the highest ordinal. */
function inOrderOfGoing(world: World, pods: readonly PodView[]): PodView[] {
  const before = new Map(world.observed.cluster.status?.pods.map((pod) => [pod.uid, pod.cause]) ?? []);
  const key = (pod: PodView): number[] => [
    ['ScaleIn', 'TemplateChanged'].includes(before.get(pod.uid) ?? '') ? 0 : 1,
    drainReason(pod, world) === undefined ? 1 : 0,
    pod.ready ? 1 : 0,
    dialogsOn(pod, world),
    -Math.min(pod.ordinal, Number.MAX_SAFE_INTEGER),
  ];
  const keys = new Map(pods.map((pod) => [pod, key(pod)]));
  return [...pods].sort((left, right) => compareLists(keys.get(left) ?? [], keys.get(right) ?? []));
}

/** Element by element. */
export function compareLists(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Old pods beyond the replicas: unready ones at once, ready ones while enough ready pods remain. */
function supersededPods(world: World, staying: readonly PodView[], old: readonly PodView[]): PodView[] {
  const { replicas } = world.spec;
  const extra = staying.length - replicas;
  let ready = staying.filter((pod) => pod.ready).length;
  const gone: PodView[] = [];
  for (const pod of inOrderOfGoing(world, old)) {
    if (gone.length === extra || (pod.ready && ready <= replicas)) break;
    gone.push(pod);
    if (pod.ready) ready--;
  }
  return gone;
}

/** Without surge, the one old pod that goes next. */
function replacedInPlace(world: World, staying: readonly PodView[], old: readonly PodView[]): PodView[] {
  const { replicas, rollout } = world.spec;
  const [first] = inOrderOfGoing(world, old);
  if (rollout.maxSurge > 0 || first === undefined || staying.length < replicas) return [];
  if (waitsForCalls(first, world)) return [];
  const othersAreReady = staying.every((pod) => pod === first || pod.ready);
  const nobodyIsLeaving = staying.length === world.pods.filter((pod) => !pod.dead).length;
  return othersAreReady && nobodyIsLeaving ? [first] : [];
}

/** Without surge the calls of a single pod have nowhere to go: it is replaced when it has none. */
export function waitsForCalls(pod: PodView, world: World): boolean {
  const { replicas, rollout } = world.spec;
  if (rollout.maxSurge > 0 || replicas > 1) return false;
  return dialogsOn(pod, world) > 0 || (pod.report?.ringing ?? 0) > 0;
}

function outdated(pod: PodView): Surplus {
  return { cause: 'TemplateChanged', reason: `${pod.name} was made from an older template` };
}

function scaledIn({ spec }: World, pod: PodView): Surplus {
  const pods = spec.replicas === 1 ? '1 pod is' : `${spec.replicas} pods are`;
  return { cause: 'ScaleIn', reason: `${pods} wanted, ${pod.name} is one too many` };
}
