import type { RosterStatus } from '../api/sip-cluster-type.ts';
import type { Finding } from './conditions.ts';
import type { PodView } from './pod-view.ts';
import { isLive, majorityOf } from './roster-view.ts';
import type { World } from './world.ts';

/** Whether the cluster outlives each of its nodes: a node that is back after a drain stays empty, and its pods share others. */
export function spreadFinding(world: World, roster: RosterStatus | undefined): Finding {
  const type = 'Spread';
  const shared = sharedNode(world, roster);
  if (shared === undefined)
    return { type, status: 'True', reason: 'AsDesired', message: 'no node has too many of the pods' };
  const { node, pods } = shared;
  const message = `${pods.map(({ name }) => name).join(', ')} are on node ${node}: with it a majority of the voters would be lost`;
  return { type, status: 'False', reason: 'NodeHasMajority', message };
}

/** The first node with several pods without which no majority of the voters would be alive. */
function sharedNode(
  world: World,
  roster: RosterStatus | undefined,
): { node: string; pods: PodView[] } | undefined {
  const members = roster?.members ?? [];
  const voters = world.pods.filter(
    ({ node, member, dead }) => node !== '' && !dead && members.some(({ pod }) => pod === member),
  );
  for (const node of [...new Set(voters.map((pod) => pod.node))].sort()) {
    const pods = voters.filter((pod) => pod.node === node);
    const left = members.filter(
      (member) => !pods.some((pod) => pod.member === member.pod) && isLive(world, member),
    );
    if (pods.length > 1 && left.length < majorityOf(members)) return { node, pods };
  }
  return undefined;
}
