import type { ClusterPodStatus, RosterStatus } from '../api/sip-cluster-type.ts';
import { dialogsOn, tagsOn } from './load.ts';
import type { Leaving } from './leaving.ts';
import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** What `status.pods` says of each pod that has an object. */
export function podStatuses(
  world: World,
  leaving: ReadonlyMap<string, Leaving>,
  roster: RosterStatus | undefined,
): ClusterPodStatus[] {
  return world.pods.map((pod) => {
    const found = leaving.get(pod.name);
    const isOutdated = !pod.dead && pod.templateHash !== world.templateHash;
    return {
      name: pod.name,
      uid: pod.uid,
      node: pod.node,
      address: pod.object.podIP,
      ready: pod.ready && !pod.dead,
      ...(found === undefined ? standing(pod, world, roster) : leavingStanding(found)),
      ...(isOutdated ? { outdated: true } : {}),
      dialogs: dialogsOn(pod, world),
      shards: tagsOn(pod, world),
    };
  });
}

/** A pod that has just become ready may not have met all others yet, nor they it. */
const ACQUAINTED_MS = 3000;

/**
 * Whether Kubernetes and the mesh say different things of a pod: its kubelet that it is ready, most other pods that it is dead.
 * Who has not been ready for a while has no say, and nothing is said of it.
 */
export function evidenceDisagrees(pod: PodView, { pods, nowMs }: World): boolean {
  const isAcquainted = ({ ready, dead, object }: PodView): boolean =>
    ready && !dead && nowMs - object.readySinceMs >= ACQUAINTED_MS;
  if (!isAcquainted(pod)) return false;
  const words = pods
    .filter((other) => other !== pod && other.reachable && isAcquainted(other))
    .flatMap((other) => other.report?.status.members.filter((member) => member.pod === pod.member) ?? []);
  const dead = words.filter((member) => !member.alive).length;
  return dead > 0 && dead * 2 > words.length;
}

/** The words of the status when the evidence on a pod disagrees. */
export const DISAGREEMENT = 'its kubelet says that it is ready, other pods say that it is dead';

type Standing = Pick<ClusterPodStatus, 'phase' | 'reason' | 'cause'>;

function leavingStanding({ cause, reason }: Leaving): Standing {
  return { phase: cause === 'PodUnready' ? 'Unready' : 'Leaving', reason, cause };
}

function standing(pod: PodView, world: World, roster: RosterStatus | undefined): Standing {
  if (pod.dead) return { phase: 'Dead', reason: 'it has ended, or its node is gone' };
  if (evidenceDisagrees(pod, world)) return { phase: 'Unready', reason: DISAGREEMENT };
  if (pod.ready) return { phase: 'Ready', reason: 'it takes calls' };
  if (pod.report === undefined) return { phase: 'Starting', reason: startingReason(pod) };
  const isVoter = roster?.members.some((member) => member.pod === pod.member) === true;
  if (!isVoter) return { phase: 'Joining', reason: 'the roster does not name it yet' };
  return { phase: 'Unready', reason: pod.report.status.reason || 'its kubelet has not seen it ready' };
}

function startingReason({ node, object }: PodView): string {
  if (node === '') return 'it has no node yet';
  return object.podIP === '' ? 'it has no address yet' : 'it has not answered yet';
}
