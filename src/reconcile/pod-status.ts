import type { ClusterPodStatus, RosterStatus } from '../api/sip-cluster-type.ts';
import { drainReason, waitsFor } from './drained-nodes.ts';
import { disagreement, isLost } from './evidence.ts';
import { dialogsOn, tagsOn } from './load.ts';
import type { Leaving } from './leaving.ts';
import { troubleOf } from './pod-trouble.ts';
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
      ...(found === undefined ? standing(pod, world, roster) : leavingStanding(found, isLost(pod, world))),
      ...(isOutdated ? { outdated: true } : {}),
      dialogs: dialogsOn(pod, world),
      shards: tagsOn(pod, world),
    };
  });
}

type Standing = Pick<ClusterPodStatus, 'phase' | 'reason' | 'cause'>;

function leavingStanding({ cause, reason }: Leaving, isGone: boolean): Standing {
  if (isGone) return { phase: 'Dead', reason, cause };
  return { phase: cause === 'PodUnready' ? 'Unready' : 'Leaving', reason, cause };
}

function standing(pod: PodView, world: World, roster: RosterStatus | undefined): Standing {
  if (pod.dead) return { phase: 'Dead', reason: pod.object.trouble ?? 'it has ended, or its node is gone' };
  const doubt = disagreement(pod, world);
  if (doubt !== undefined) return { phase: 'Unready', reason: doubt };
  if (pod.ready) return { phase: 'Ready', reason: `it takes calls${waiting(pod, world)}` };
  const trouble = troubleOf(pod);
  if (pod.report === undefined) return { phase: 'Starting', reason: trouble ?? startingReason(pod) };
  const isVoter = roster?.members.some((member) => member.pod === pod.member) === true;
  if (!isVoter) return { phase: 'Joining', reason: trouble ?? 'the roster does not name it yet' };
  const said = pod.report.status.reason || 'its kubelet has not seen it ready';
  return { phase: 'Unready', reason: trouble ?? said };
}

/** What a pod that takes calls has before it. */
function waiting(pod: PodView, world: World): string {
  const why = drainReason(pod, world);
  const first = why === undefined ? undefined : waitsFor(pod, world);
  return why === undefined || first === undefined ? '' : `; its node ${why}, and ${first}`;
}

function startingReason({ node, object }: PodView): string {
  if (node === '') return 'it has no node yet';
  return object.podIP === '' ? 'it has no address yet' : 'it has not answered yet';
}
