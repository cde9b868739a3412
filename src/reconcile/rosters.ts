import { ANNOTATIONS } from '../api/annotations.ts';
import { believedEpoch } from '../api/epoch.ts';
import type { RosterMember, RosterStatus } from '../api/sip-cluster-type.ts';
import type { Leaving } from './leaving.ts';
import type { Step } from './plan-type.ts';
import { answers, isVoter, memberOf, needsWitness, targetMembers, witness } from './roster-target.ts';
import {
  adoptedSinceMs,
  adopters,
  hasEnded,
  isPresent,
  highestEpochs,
  LOST_GRANTS_MARGIN,
  majorityOf,
  voterWord,
} from './roster-view.ts';
import { compareText } from './pod-view.ts';
import type { World } from './world.ts';

/** How long the first roster, or that of a new generation, waits for pods that have not joined. */
const PATIENCE_MS = 10_000;

/** The roster in force after this plan, and what must be stored for it. */
export interface RosterPlan {
  roster: RosterStatus | undefined;
  /** Why one is stored now; undefined if none is. */
  store: { kind: 'issued' | 'reset' | 'adopted'; reason: string } | undefined;
  /** The members that it should come to have. */
  target: RosterMember[];
  againAtMs: number;
}

/** Which roster is to be issued now, if any (OWNERSHIP 7). */
export function planRoster(world: World, leaving: ReadonlyMap<string, Leaving>): RosterPlan {
  const present = world.observed.cluster.status?.roster;
  if (present === undefined) return firstRoster(world, undefined, 'the first roster');
  const giveUp = reasonToGiveUp(world, present);
  if (giveUp !== undefined) return firstRoster(world, present, giveUp);
  const target = targetMembers(world, leaving, present.members);
  const idle: RosterPlan = { roster: present, store: undefined, target, againAtMs: Infinity };
  const since = adoptedSinceMs(present);
  if (since === undefined) return noteAdoption(world, idle, present);
  const next = changeOne(world, present, target);
  if (next === undefined) return idle;
  const dueAtMs = since + world.spec.failover.suspectAfterMs;
  if (world.nowMs < dueAtMs) return { ...idle, againAtMs: dueAtMs };
  return {
    ...idle,
    roster: {
      ...keptRequest(present),
      number: highestNumber(world, present) + 1,
      generation: present.generation,
      members: next.members,
      floor: floorAfter(world, present),
    },
    store: { kind: 'issued', reason: next.reason },
  };
}

/** The step that stores the roster of a plan. */
export function storeSteps(plan: RosterPlan, world: World): Step[] {
  const { roster, store } = plan;
  if (roster === undefined || store === undefined) return [];
  const previousNumber = world.observed.cluster.status?.roster?.number ?? 0;
  return [{ type: 'storeRoster', status: roster, previousNumber, reason: store.reason }];
}

function noteAdoption(world: World, idle: RosterPlan, present: RosterStatus): RosterPlan {
  const adopted = adopters(world, present).length;
  if (adopted < majorityOf(present.members)) return idle;
  return {
    ...idle,
    roster: { ...present, adoptedAt: new Date(world.nowMs).toISOString() },
    store: {
      kind: 'adopted',
      reason: `roster ${present.number} was adopted by ${adopted} of ${present.members.length} voters`,
    },
  };
}

/** Adds before it removes, so that there are never fewer voters than before; the operator comes first and goes last. */
function changeOne(
  world: World,
  { members }: RosterStatus,
  target: readonly RosterMember[],
): { members: RosterMember[]; reason: string } | undefined {
  const missing = without(target, members).sort(witnessFirst);
  const [added] = missing;
  if (added !== undefined)
    return { members: [...members, added], reason: `${nameOf(added)} becomes a voter` };
  const surplus = without(members, target).sort(
    (left, right) => deadFirst(world, left, right) || witnessFirst(right, left),
  );
  const [removed] = surplus;
  if (removed === undefined) return undefined;
  return {
    members: members.filter((member) => member !== removed),
    reason: `${nameOf(removed)} is no voter any more`,
  };
}

function without(members: readonly RosterMember[], others: readonly RosterMember[]): RosterMember[] {
  return members.filter((member) => !others.some((other) => other.pod === member.pod));
}

function witnessFirst(left: RosterMember, right: RosterMember): number {
  const order = Number(right.role === 'witness') - Number(left.role === 'witness');
  return order || compareText(left.pod, right.pod);
}

function deadFirst(world: World, left: RosterMember, right: RosterMember): number {
  const isDead = (member: RosterMember): number => Number(!isPresent(world, member));
  return isDead(right) - isDead(left);
}

function nameOf({ pod, role }: RosterMember): string {
  return role === 'witness' ? 'the operator' : pod;
}

/** Why the roster's majority is given up; undefined if it is not. */
function reasonToGiveUp(world: World, present: RosterStatus): string | undefined {
  const request = world.observed.cluster.metadata.annotations?.[ANNOTATIONS.newRoster.key];
  if (request !== undefined && request !== '' && request !== (present.handledRequest ?? ''))
    return `a new roster was asked for: ${request}`;
  const ended = present.members.filter((member) => hasEnded(world, member));
  if (present.members.length - ended.length >= majorityOf(present.members)) return undefined;
  return `${ended.length} of ${present.members.length} voters have ended for good`;
}

/** Roster 1, or the first of a new generation: all who have joined and answer, once all are there or some have waited long enough. */
function firstRoster(world: World, former: RosterStatus | undefined, reason: string): RosterPlan {
  const voters = world.pods.filter((pod) => isVoter(pod) && answers(pod) && !pod.terminating);
  const waiting = world.pods.filter((pod) => !pod.dead && !pod.terminating);
  const idle: RosterPlan = {
    roster: former,
    store: undefined,
    target: voters.map(memberOf),
    againAtMs: Infinity,
  };
  if (voters.length === 0) return idle;
  const allAreThere = voters.length >= world.spec.replicas && voters.length === waiting.length;
  const dueAtMs = Math.max(...waiting.map((pod) => pod.createdAtMs)) + PATIENCE_MS;
  if (!allAreThere && world.nowMs < dueAtMs) return { ...idle, againAtMs: dueAtMs };
  const members = voters.map(memberOf);
  const number = highestNumber(world, former) + 1;
  return {
    ...idle,
    roster: {
      ...handledRequest(world),
      number,
      generation: (former?.generation ?? 0) + 1,
      members: needsWitness(members.length) ? [...members, witness(world)] : members,
      floor: number === 1 && former === undefined ? {} : floorOfGeneration(world, former),
    },
    store: { kind: former === undefined ? 'issued' : 'reset', reason },
  };
}

function keptRequest({ handledRequest: request }: RosterStatus): { handledRequest?: string } {
  return request === undefined ? {} : { handledRequest: request };
}

function handledRequest({ observed }: World): { handledRequest?: string } {
  const request = observed.cluster.metadata.annotations?.[ANNOTATIONS.newRoster.key] ?? '';
  return request === '' ? {} : { handledRequest: request };
}

/** The highest roster number that anybody has named. */
function highestNumber(world: World, present: RosterStatus | undefined): number {
  const said = world.pods.map((pod) => pod.report?.status.roster.number ?? 0);
  return [present?.number ?? 0, ...said]
    .filter(Number.isFinite)
    .reduce((most, each) => Math.max(most, each), 0);
}

/** The maximum of what the adopters have granted, never below the floor before. */
function floorAfter(world: World, present: RosterStatus): Record<string, number> {
  const granted = adopters(world, present).map(({ pod }) => voterWord(world, pod)?.granted ?? {});
  return record(highestEpochs([present.floor, ...granted, ...votes(world)]));
}

/** Grants may have been lost with their voters: above everything that anybody knows. */
function floorOfGeneration(world: World, former: RosterStatus | undefined): Record<string, number> {
  const { observed, pods, tags } = world;
  const known = highestEpochs([
    former?.floor ?? {},
    observed.operator.vote?.granted ?? {},
    ...pods.map((pod) => pod.report?.granted ?? {}),
    ...votes(world),
    ...tags.map(({ tag, epoch }) => ({ [tag]: epoch })),
  ]);
  for (const { tag, shard } of tags) {
    const least = known.get(tag) ?? 0;
    known.set(tag, Math.max(least, believedEpoch(shard.status?.epoch ?? 0, least)));
  }
  return record(new Map([...known].map(([tag, epoch]) => [tag, epoch + LOST_GRANTS_MARGIN])));
}

/** The operator's own grants, as its voter file has them. */
function votes({ tags }: World): Record<string, number>[] {
  return tags.flatMap(({ tag, shard }) => {
    const epoch = shard.status?.vote?.epoch;
    return epoch === undefined ? [] : [{ [tag]: epoch }];
  });
}

function record(epochs: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...epochs].sort(([left], [right]) => compareText(left, right)));
}
