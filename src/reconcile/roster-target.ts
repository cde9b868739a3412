import type { RosterMember } from '../api/sip-cluster-type.ts';
import { tagsOn } from './load.ts';
import { countsAsCapacity, type Leaving } from './leaving.ts';
import type { PodView } from './pod-view.ts';
import { isPresent, podOfMember } from './roster-view.ts';
import type { World } from './world.ts';

/** With this many pods the operator is a voter too (OWNERSHIP 7). */
const PODS_WITH_WITNESS = 2;

/** The members that the roster should have. */
export function targetMembers(
  world: World,
  leaving: ReadonlyMap<string, Leaving>,
  present: readonly RosterMember[],
): RosterMember[] {
  const isMember = ({ member }: PodView): boolean => present.some(({ pod }) => pod === member);
  const staying = world.pods.filter(
    (pod) => isVoter(pod) && (isMember(pod) || mayVoteAtOnce(pod)) && countsAsCapacity(leaving.get(pod.name)),
  );
  const members = staying.map(memberOf);
  const wanted = Math.max(world.spec.replicas, members.length);
  for (const member of placeholders(world, present)) {
    const isNeeded = members.length < wanted || ownsTags(world, member);
    if (isNeeded && !members.some(({ pod }) => pod === member.pod)) members.push(member);
  }
  return needsWitness(members.length) ? [...members, witness(world)] : members;
}

/** Pods that have shown that they can vote. */
export function isVoter(pod: PodView): boolean {
  return pod.joined && !pod.dead && pod.mesh !== '';
}

/** Whether a pod can answer as far as is known; a silent one that becomes a voter would keep a roster from being adopted. */
export function answers(pod: PodView): boolean {
  return pod.reachable || pod.ready;
}

/** A pod that has just started grants nothing for a while: a roster that counts on it would hold up every claim meanwhile. */
function mayVoteAtOnce(pod: PodView): boolean {
  return answers(pod) && pod.report?.settling !== true;
}

/** The pod as a voter. */
export function memberOf({ member, mesh }: PodView): RosterMember {
  return { pod: member, role: 'proxy', mesh };
}

/** The operator as a voter. */
export function witness({ observed: { operator } }: World): RosterMember {
  return { pod: operator.member, role: 'witness', mesh: operator.mesh };
}

/** Whether the operator votes beside so many pods. */
export function needsWitness(pods: number): boolean {
  return pods === PODS_WITH_WITNESS;
}

/** Members that leave or are gone keep their place until a new pod takes it; the living before the dead. */
function placeholders(world: World, present: readonly RosterMember[]): RosterMember[] {
  const proxies = present.filter((member) => member.role === 'proxy');
  const isLiving = (member: RosterMember): boolean => isPresent(world, member);
  return [...proxies.filter(isLiving), ...proxies.filter((member) => !isLiving(member))];
}

function ownsTags(world: World, member: RosterMember): boolean {
  const pod = podOfMember(world, member);
  return pod !== undefined && !pod.dead && tagsOn(pod, world) > 0;
}
