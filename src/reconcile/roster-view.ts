import type { RosterMember, RosterStatus } from '../api/sip-cluster-type.ts';
import { isLost } from './evidence.ts';
import { timeOf, type PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** Margin above every epoch known when grants may have been lost (OWNERSHIP 7). */
export const LOST_GRANTS_MARGIN = 1000;

/** Number of members that outvotes all others. */
export function majorityOf(members: readonly unknown[]): number {
  return Math.floor(members.length / 2) + 1;
}

/** What a voter said last of rosters and grants. */
export interface VoterWord {
  rosterNumber: number;
  granted: Readonly<Record<string, number>>;
}

/** The last word of the voter of that id; undefined if it never said one. */
export function voterWord({ observed, pods }: World, member: string): VoterWord | undefined {
  if (member === observed.operator.member) return observed.operator.vote;
  const report = pods.find((pod) => pod.member === member)?.report;
  return report === undefined
    ? undefined
    : { rosterNumber: report.status.roster.number, granted: report.granted };
}

/** Members that have adopted the roster, by their own word; what was adopted is never given up. */
export function adopters(world: World, { number, members }: RosterStatus): RosterMember[] {
  return members.filter(({ pod }) => (voterWord(world, pod)?.rosterNumber ?? -1) >= number);
}

/** Since when a majority is known to have adopted the roster; undefined while none has. */
export function adoptedSinceMs({ adoptedAt }: RosterStatus): number | undefined {
  return adoptedAt === undefined ? undefined : timeOf(adoptedAt);
}

/** The pod of a member; undefined if it is no pod, or gone. */
export function podOfMember({ pods }: World, { pod }: RosterMember): PodView | undefined {
  return pods.find((each) => each.member === pod);
}

/**
 * Whether the process of a member is known to have ended for good. Kubernetes takes a pod's object away when its containers have
 * ended, or when a person forces it, who thereby says so.
 */
export function hasEnded(world: World, member: RosterMember): boolean {
  if (member.role === 'witness') return false;
  return podOfMember(world, member)?.dead ?? true;
}

/** Whether a member's process is there as far as is known: neither ended nor lost with its node. */
export function isPresent(world: World, member: RosterMember): boolean {
  const pod = podOfMember(world, member);
  return pod !== undefined && !pod.dead && !isLost(pod, world);
}

/** Whether a member can answer as far as is known: the operator, and pods whose control API answers or whose kubelet says ready. */
export function isLive(world: World, member: RosterMember): boolean {
  if (member.role === 'witness') return member.pod === world.observed.operator.member;
  const pod = podOfMember(world, member);
  return pod !== undefined && !pod.dead && (pod.reachable || pod.ready);
}

/** Per tag the highest epoch of all maps. */
export function highestEpochs(maps: readonly Readonly<Record<string, number>>[]): Map<string, number> {
  const highest = new Map<string, number>();
  for (const map of maps)
    for (const [tag, epoch] of Object.entries(map))
      if (Number.isFinite(epoch)) highest.set(tag, Math.max(epoch, highest.get(tag) ?? 0));
  return highest;
}
