import { ANNOTATIONS } from '../api/annotations.ts';
import type { MoveCause } from '../api/dialog-shard-type.ts';
import { drainReason, waitsFor } from './drained-nodes.ts';
import { isLost, isUnreadyByKubelet } from './evidence.ts';
import type { PodView } from './pod-view.ts';
import { surplusPods } from './surplus.ts';
import type { World } from './world.ts';

/** Why a pod is to be emptied. */
export interface Leaving {
  cause: MoveCause;
  reason: string;
}

/** Causes after which the pod itself comes back into service, so that it is not replaced. */
const STAYING_CAUSES: readonly MoveCause[] = ['PodCordoned', 'PodUnready'];

type Check = (pod: PodView, world: World) => Leaving | undefined;

/** Causes by rank: a pod leaves for the first that holds. */
const CHECKS: readonly Check[] = [isDeleted, isGone, isCordoned, isOnCordonedNode, isUnready];

/** The living pods that are to be emptied, by name, each with the first cause that holds. */
export function leavingPods(world: World): Map<string, Leaving> {
  const leaving = new Map<string, Leaving>();
  const living = world.pods.filter((pod) => !pod.dead);
  for (const pod of living)
    for (const check of CHECKS) {
      const found = check(pod, world);
      if (found === undefined) continue;
      leaving.set(pod.name, found);
      break;
    }
  const staying = living.filter((pod) => countsAsCapacity(leaving.get(pod.name)));
  for (const [name, found] of surplusPods(world, staying)) leaving.set(name, found);
  return leaving;
}

/** Whether a pod counts among the `replicas`: it stays, or will be back. */
export function countsAsCapacity(leaving: Leaving | undefined): boolean {
  return leaving === undefined || STAYING_CAUSES.includes(leaving.cause);
}

/** Whether a pod that leaves for this is told to be unready; an unready one would never be ready again. */
export function isCordoning(leaving: Leaving | undefined): boolean {
  return leaving !== undefined && leaving.cause !== 'PodUnready';
}

function isDeleted({ name, terminating }: PodView): Leaving | undefined {
  return terminating ? { cause: 'PodDeleted', reason: `${name} is being deleted` } : undefined;
}

function isGone(pod: PodView, world: World): Leaving | undefined {
  if (!isLost(pod, world)) return undefined;
  const reason = `${pod.name} is lost: neither it nor its node answers, and no other pod hears it`;
  return { cause: 'PodDied', reason };
}

function isCordoned({ name, object }: PodView): Leaving | undefined {
  const why = object.metadata.annotations?.[ANNOTATIONS.cordon.key];
  if (why === undefined) return undefined;
  const detail = ['', 'true'].includes(why) ? '' : `: ${why}`;
  return { cause: 'PodCordoned', reason: `${name} is cordoned${detail}` };
}

function isOnCordonedNode(pod: PodView, world: World): Leaving | undefined {
  const why = drainReason(pod, world);
  if (why === undefined || waitsFor(pod, world) !== undefined) return undefined;
  return { cause: 'NodeCordoned', reason: `node ${pod.node} of ${pod.name} ${why}` };
}

/** Kubelet and pod agree, or the kubelet insists; the pod must own something, and somebody else must be able to take it. */
function isUnready(pod: PodView, world: World): Leaving | undefined {
  const { object, report } = pod;
  const { unreadyAfterMs } = world.spec.failover;
  if (pod.ready || !pod.reachable || report === undefined) return undefined;
  if (report.status.ready && !isUnreadyByKubelet(pod, world)) return undefined;
  if (!(world.nowMs - object.readySinceMs >= unreadyAfterMs) || wasCordoned(pod, world)) return undefined;
  const canTake = world.pods.some(
    (other) => other !== pod && other.ready && !other.terminating && !other.dead,
  );
  if (!canTake || !ownsSomething(pod, world)) return undefined;
  const reason = unreadyReason(report.status);
  return { cause: 'PodUnready', reason: `${pod.name} lives and is not ready: ${reason}` };
}

function unreadyReason({ ready, reason }: { ready: boolean; reason: string }): string {
  if (ready) return 'its kubelet says so, though it calls itself ready';
  return reason === '' ? 'it does not say why' : reason;
}

/** A pod that was uncordoned just now is unready because it was told to be. */
function wasCordoned(pod: PodView, { observed }: World): boolean {
  const before = observed.cluster.status?.pods.find((each) => each.uid === pod.uid)?.cause;
  return before !== undefined && before !== 'PodUnready';
}

function ownsSomething(pod: PodView, { tags }: World): boolean {
  return tags.some((tag) => tag.owner === pod);
}
