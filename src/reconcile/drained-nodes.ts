import { isLost } from './evidence.ts';
import { tagsOn } from './load.ts';
import type { ObservedNode } from './observed.ts';
import type { PodView } from './pod-view.ts';
import { isLive, majorityOf } from './roster-view.ts';
import type { World } from './world.ts';

/** How long a new pod that has a node is waited for before the next node is emptied. */
const NEWCOMER_MS = 60_000;

/** Why the pods of a pod's node are to go; undefined if they may stay. */
export function drainReason({ node: name }: PodView, { observed, spec }: World): string | undefined {
  const node = observed.nodes.find((each) => each.metadata.name === name);
  if (node === undefined) return undefined;
  if (node.unschedulable) return 'is cordoned';
  const taint = drainTaintOf(node, spec.drain.taints);
  return taint === undefined ? undefined : `has the taint ${taint}`;
}

/**
 * Why a pod whose node is to be emptied has to wait; undefined if it is its turn. One goes at a time, so that the budget for
 * disruptions holds: a pod that is told to go is not ready, and one that is not ready may be evicted whatever the budget says.
 */
export function waitsFor(pod: PodView, world: World): string | undefined {
  if (wentAlready(pod, world)) return undefined;
  const others = world.pods.filter((other) => other !== pod && !other.dead);
  const going = others.find((other) => isGoing(other, world) || isBefore(other, pod, world));
  if (going !== undefined)
    return `${going.name} goes first${isIdle(going, world) ? ': it is empty, and stays until it is evicted' : ''}`;
  const there = others.filter((other) => !isLost(other, world)).length + 1;
  if (there < world.spec.replicas) return 'a pod is missing';
  if (isNeededVoter(pod, world)) return 'without it no majority of the voters would be alive';
  const newcomer = others.find((other) => isNewcomer(other, world));
  return newcomer === undefined ? undefined : `${newcomer.name} is to be ready first`;
}

/** When the next new pod is waited for no longer, if a pod waits for one; else Infinity. */
export function newcomerDueAtMs(world: World): number {
  if (world.pods.every((pod) => drainReason(pod, world) === undefined)) return Infinity;
  const newcomers = world.pods.filter((pod) => isNewcomer(pod, world));
  return Math.min(Infinity, ...newcomers.map((pod) => pod.createdAtMs + NEWCOMER_MS));
}

function drainTaintOf({ taints }: ObservedNode, wanted: readonly string[]): string | undefined {
  return wanted.find((each) => taints.includes(each));
}

/** By the status: who has begun to go goes on. */
function wentAlready({ uid }: PodView, { observed }: World): boolean {
  const before = observed.cluster.status?.pods.find((each) => each.uid === uid);
  return before?.phase === 'Leaving' && before.cause === 'NodeCordoned';
}

/** A pod that is to be cordoned by hand is a person's own affair. */
function isGoing(pod: PodView, world: World): boolean {
  if (pod.terminating) return !isLost(pod, world);
  const before = world.observed.cluster.status?.pods.find((each) => each.uid === pod.uid);
  return before?.phase === 'Leaving' && before.cause !== 'PodCordoned';
}

/** Without surge an empty pod is left to its eviction. */
function isIdle(pod: PodView, world: World): boolean {
  return world.spec.rollout.maxSurge === 0 && wentAlready(pod, world) && tagsOn(pod, world) === 0;
}

/** Of several that could begin, the first by ordinal does. */
function isBefore(other: PodView, pod: PodView, world: World): boolean {
  const isFirst = world.pods.indexOf(other) < world.pods.indexOf(pod);
  return isFirst && !isLost(other, world) && drainReason(other, world) !== undefined;
}

/** Its eviction may come before its successor votes. The only pod of a cluster has nobody to wait for. */
function isNeededVoter({ member }: PodView, world: World): boolean {
  const members = world.observed.cluster.status?.roster?.members ?? [];
  const pods = members.filter(({ role }) => role === 'proxy');
  if (pods.length < 2 || !pods.some((each) => each.pod === member)) return false;
  const others = members.filter((each) => each.pod !== member && isLive(world, each));
  return others.length < majorityOf(members);
}

/** One that has no node yet may wait for this very node. */
function isNewcomer(pod: PodView, { nowMs }: World): boolean {
  return !pod.ready && pod.node !== '' && nowMs - pod.createdAtMs < NEWCOMER_MS;
}
