import type { ObservedNode } from './observed.ts';
import { timeOf, type PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** A pod that has just become ready may not have met all others yet, nor they it. */
const ACQUAINTED_MS = 3000;

/** A kubelet renews the Lease of its node every 10 s; after this the Lease has expired (leaseDurationSeconds of a kubelet). */
const NODE_LEASE_MS = 40_000;

/** How long after the end of its grace period a pod that is still there is one whose kubelet does nothing. */
const KUBELET_LATE_MS = 30_000;

/** A kubelet and a pod that say different things of its readiness agree within this: a probe has its period. */
const PROBE_MS = 15_000;

/** If they do not, the kubelet is believed after this: it keeps new calls away from the pod, whatever the pod says. */
const KUBELET_BELIEVED_MS = 30_000;

/**
 * Whether a pod is lost: it does not answer, most pods that have met it say that it is dead, or none ever met it, and its kubelet
 * is silent. Its process may live on, cut off, so it is replaced and its object left to its kubelet; should it answer again, it
 * is a pod like others.
 */
export function isLost(pod: PodView, world: World): boolean {
  if (pod.dead || pod.reachable) return false;
  return (isDeadForMesh(pod, world) || isUnknownToMesh(pod, world)) && isKubeletSilent(pod, world);
}

/** Whether most pods that have been ready for a while say that this one is dead; who has no say is not asked. */
export function isDeadForMesh(pod: PodView, world: World): boolean {
  const words = world.pods
    .filter((other) => other !== pod && other.reachable && isAcquainted(other, world))
    .flatMap((other) => other.report?.status.members.filter((member) => member.pod === pod.member) ?? []);
  const dead = words.filter((member) => !member.alive).length;
  return dead > 0 && dead * 2 > words.length;
}

/** Whether a pod never came so far that others could meet it. */
function isUnknownToMesh({ member, report }: PodView, world: World): boolean {
  if (report !== undefined) return false;
  const witnesses = world.pods.filter((other) => other.reachable && isAcquainted(other, world));
  return (
    witnesses.length > 0 &&
    witnesses.every((each) => each.report?.status.members.every(({ pod }) => pod !== member))
  );
}

/** Whether a pod is one that has been ready for so long that it has met the others. */
export function isAcquainted({ ready, dead, object }: PodView, { nowMs }: World): boolean {
  return ready && !dead && nowMs - object.readySinceMs >= ACQUAINTED_MS;
}

/** What Kubernetes, the mesh and the pod itself say differently of a pod; undefined if they agree, or none is to be believed yet. */
export function disagreement(pod: PodView, world: World): string | undefined {
  return DISAGREEMENTS.find(({ holds }) => holds(pod, world))?.message;
}

/** Whether a text is one that `disagreement` gives. */
export function isDisagreement(text: string): boolean {
  return DISAGREEMENTS.some(({ message }) => message === text);
}

/** By rank; while one of them holds, nothing is done about the pod for it, but for `isUnreadyByKubelet`. */
const DISAGREEMENTS: readonly { holds: (pod: PodView, world: World) => boolean; message: string }[] = [
  {
    holds: (pod, world) => isAcquainted(pod, world) && isDeadForMesh(pod, world),
    message: 'its kubelet says that it is ready, other pods say that it is dead',
  },
  {
    holds: (pod, world) => pod.reachable && nodeOf(pod, world)?.ready === false,
    message: 'its node is not ready, but it answers',
  },
  {
    holds: (pod, world) => pod.reachable && isNodeGone(pod, world),
    message: 'its node is gone, but it answers',
  },
  {
    holds: saysReadyAlone,
    message: 'its kubelet says that it is not ready, it says that it is',
  },
];

/** When the next pod whose kubelet is silent may be found so; Infinity if none is waited for. */
export function silentDueAtMs(world: World): number {
  const dues = world.pods
    .filter((pod) => !pod.dead && !pod.reachable)
    .flatMap((pod) => [leaseEndsAtMs(nodeOf(pod, world)), deletionLateAtMs(pod)]);
  return Math.min(Infinity, ...dues.filter((due) => due > world.nowMs));
}

/** Whether a pod that calls itself ready has been unready for its kubelet for so long that this is no lag, and its node is well. */
export function isUnreadyByKubelet(pod: PodView, world: World): boolean {
  if (!saysReadyAlone(pod, world) || nodeOf(pod, world)?.ready === false) return false;
  return world.nowMs - pod.object.readySinceMs >= KUBELET_BELIEVED_MS;
}

/** When the next pod that calls itself ready, and is not for its kubelet, is looked at again; Infinity if there is none. */
export function doubtDueAtMs({ pods, nowMs }: World): number {
  const dues = pods
    .filter((pod) => !pod.dead && !pod.ready && pod.reachable && pod.object.readySinceMs > 0)
    .flatMap(({ object }) => [PROBE_MS, KUBELET_BELIEVED_MS].map((ms) => object.readySinceMs + ms));
  return Math.min(Infinity, ...dues.filter((due) => due > nowMs));
}

function saysReadyAlone(pod: PodView, { nowMs }: World): boolean {
  if (pod.ready || !pod.reachable || pod.terminating || pod.report?.status.ready !== true) return false;
  const { readySinceMs } = pod.object;
  return readySinceMs > 0 && nowMs - readySinceMs >= PROBE_MS;
}

/** By its node's health, its node's Lease, or an object that should have gone: the first two need rights that may be missing. */
function isKubeletSilent(pod: PodView, world: World): boolean {
  const node = nodeOf(pod, world);
  if (node?.ready === false || isNodeGone(pod, world)) return true;
  return world.nowMs >= Math.min(leaseEndsAtMs(node), deletionLateAtMs(pod));
}

function leaseEndsAtMs(node: ObservedNode | undefined): number {
  return node?.heardAtMs === undefined ? Infinity : node.heardAtMs + NODE_LEASE_MS;
}

/** `deletionTimestamp` is the end of the grace period. */
function deletionLateAtMs({ object }: PodView): number {
  const { deletionTimestamp } = object.metadata;
  return deletionTimestamp === undefined ? Infinity : timeOf(deletionTimestamp) + KUBELET_LATE_MS;
}

function nodeOf({ node }: PodView, { observed }: World): ObservedNode | undefined {
  return observed.nodes.find(({ metadata }) => metadata.name === node);
}

/** Only who sees nodes can miss one. */
function isNodeGone(pod: PodView, world: World): boolean {
  return pod.node !== '' && world.observed.nodes.length > 0 && nodeOf(pod, world) === undefined;
}
