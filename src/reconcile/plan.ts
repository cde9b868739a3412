import { ANNOTATIONS } from '../api/annotations.ts';
import { budgetSteps, objectSteps } from './cluster-objects.ts';
import type { ConditionView } from './cluster-conditions.ts';
import { clusterEvents, eventStep, rosterEvents } from './cluster-events.ts';
import {
  clusterStatus,
  clusterWriting,
  deletingStatus,
  rejectedClusterStatus,
  type ClusterStatus,
} from './cluster-status.ts';
import { newcomerDueAtMs } from './drained-nodes.ts';
import { doubtDueAtMs, silentDueAtMs } from './evidence.ts';
import { failedDueAtMs } from './failed-pods.ts';
import { ghosts, ghostsDueAtMs } from './ghosts.ts';
import type { Goal, Places } from './goal.ts';
import { rotationDueAtMs, rotationSteps } from './key-rotation.ts';
import { leavingPods } from './leaving.ts';
import { gapDueAtMs } from './lease-gap.ts';
import { planMoves, settledAtMs, type Move } from './moves.ts';
import type { Observed } from './observed.ts';
import { planOwners, viewPlaces } from './placement.ts';
import type { Plan, Step } from './plan-type.ts';
import { creationSteps } from './pod-creation.ts';
import { deletionDueAtMs, deletionSteps } from './pod-deletion.ts';
import { stateSteps } from './pod-state.ts';
import { rejectionPlan } from './rejected-shards.ts';
import { planRoster, storeSteps } from './rosters.ts';
import { stuckDueAtMs } from './rollout-finding.ts';
import { shardEvents } from './shard-events.ts';
import { shardStatus, shardWriting } from './shard-status.ts';
import { soundWorld } from './sound.ts';
import { rejection, specInForce, type SpecInForce } from './spec-in-force.ts';
import { placeStandbys } from './standbys.ts';
import { viewWorld, type World } from './world.ts';

/**
 * What the operator does for one cluster now:
 * 1. the spec in force; 2. pods that must be emptied; 3. the roster; 4. the goal of each tag; 5. the moves under way;
 * 6. objects, pods and what pods are told; 7. what status and Events say of all that.
 *
 * Planning again on the result gives no steps. It never throws, whatever it is given, and equal inputs give equal plans.
 */
export function plan(given: Observed, nowMs: number): Plan {
  const observed = soundWorld(given);
  const { metadata } = observed.cluster;
  if (metadata.deletionTimestamp !== undefined)
    return statusOnly(observed, deletingStatus(observed, nowMs), nowMs);
  const inForce = specInForce(observed.cluster);
  const rejected = rejection(observed.cluster);
  if (inForce === undefined)
    return statusOnly(observed, rejectedClusterStatus(observed, rejected, nowMs), nowMs);
  const world = viewWorld(observed, inForce, nowMs);
  const paused = metadata.annotations?.[ANNOTATIONS.paused.key];
  return paused === undefined ? act(world, inForce, rejected) : watch(world, inForce, { rejected, paused });
}

function act(world: World, inForce: SpecInForce, rejected: string): Plan {
  const { observed } = world;
  const leaving = leavingPods(world);
  const rosterPlan = planRoster(world, leaving);
  const { roster, target } = rosterPlan;
  const members = roster?.members ?? [];
  const places = viewPlaces(world, leaving, members);
  const goals = planOwners(world, places);
  const moves = planMoves(world, places, goals);
  const placements = placeStandbys(world, places, goals, (tag) => moves.find((move) => move.tag === tag)?.to);
  const deletion = { world, leaving, moves, members, target };
  const status = statusPlan({ world, places, roster, moves, rejected, paused: undefined }, inForce, goals);
  const { name, uid = '' } = observed.cluster.metadata;
  return {
    steps: [
      ...objectSteps(world),
      ...rotationSteps(world),
      ...storeSteps(rosterPlan, world),
      ...rosterEvents({ kind: 'SipCluster', name, uid }, rosterPlan),
      ...creationSteps(world, leaving),
      ...status.steps,
      ...stateSteps({ world, leaving, roster, placements, moves }),
      ...arrivedSteps(world),
      ...budgetSteps(world, places, goals),
      ...deletionSteps(deletion),
    ],
    againAtMs: earliest(world.nowMs, [
      ...[rosterPlan.againAtMs, status.againAtMs, settledAtMs(world)],
      ...[rotationDueAtMs(world), deletionDueAtMs(deletion), unreadyDueAtMs(world), doubtDueAtMs(world)],
      ...[silentDueAtMs(world), newcomerDueAtMs(world), gapDueAtMs(world)],
      ...[failedDueAtMs(world), stuckDueAtMs(world)],
      ghosts(world).length > 0 ? ghostsDueAtMs(world) : Infinity,
    ]),
  };
}

/** Only the status, and nothing that is decided is done. */
function watch(world: World, inForce: SpecInForce, why: { rejected: string; paused: string }): Plan {
  const { roster } = world.observed.cluster.status ?? {};
  const places = viewPlaces(world, leavingPods(world), roster?.members ?? []);
  const goals: Goal[] = world.tags.map((tag) => ({
    tag,
    owner: tag.owner,
    move: undefined,
    refused: undefined,
  }));
  const { steps, againAtMs } = statusPlan({ world, places, roster, moves: [], ...why }, inForce, goals);
  return { steps, againAtMs: earliest(world.nowMs, [againAtMs]) };
}

function statusOnly({ cluster, ...rest }: Observed, status: ClusterStatus, nowMs: number): Plan {
  const { due, againAtMs } = clusterWriting(cluster.status, status, nowMs);
  if (!due) return { steps: [], againAtMs };
  return {
    steps: [...clusterEvents({ cluster, ...rest }, status), writeCluster(status)],
    againAtMs: Infinity,
  };
}

/** The Events that say what is new, then the statuses that are due. */
function statusPlan(view: ConditionView, inForce: SpecInForce, goals: readonly Goal[]): Plan {
  const { world, places, moves } = view;
  const shards = goals.map((goal) => shardPlan(world, places, goal, moves));
  const rejected = world.rejected.map((each) => rejectionPlan(each, world.nowMs));
  const cluster = statusOnly(world.observed, clusterStatus(view, inForce), world.nowMs);
  const all = [...shards, ...rejected, cluster];
  const steps = [...rebalanceEvents(world, moves), ...all.flatMap((each) => each.steps)];
  const isEvent = ({ type }: Step): boolean => type === 'event';
  return {
    // Side by side, statuses are written many at a time.
    steps: [...steps.filter(isEvent), ...steps.filter((step) => !isEvent(step))],
    againAtMs: Math.min(...all.map((each) => each.againAtMs)),
  };
}

function shardPlan(world: World, places: Places, goal: Goal, moves: readonly Move[]): Plan {
  const { tag } = goal;
  const { name } = tag.shard.metadata;
  const status = shardStatus(
    world,
    places,
    goal,
    moves.find((move) => move.tag === tag),
  );
  const { due, againAtMs } = shardWriting(tag.shard.status, status, world.nowMs);
  if (!due) return { steps: [], againAtMs };
  const reason = status.pendingMove?.reason ?? status.conditions[0]?.message ?? '';
  return { steps: [...shardEvents(tag, status), { type: 'shardStatus', name, status, reason }], againAtMs };
}

function writeCluster(status: ClusterStatus): Step {
  const ready = status.conditions.find((each) => each.type === 'Ready') ?? status.conditions[0];
  return { type: 'clusterStatus', status, reason: `${status.phase}: ${ready?.message ?? ''}` };
}

/** Said when the first tag of a rebalance goes. */
function rebalanceEvents({ observed, tags }: World, moves: readonly Move[]): Step[] {
  const wasOnItsWay = tags.some(({ shard: { status } }) => status?.pendingMove?.cause === 'Rebalance');
  const [first] = moves.filter((move) => move.cause === 'Rebalance');
  if (first === undefined || wasOnItsWay) return [];
  const { name, uid = '' } = observed.cluster.metadata;
  return [eventStep({ kind: 'SipCluster', name, uid }, 'RebalanceStarted', first.reason)];
}

/** A tag that is where a person asked it to go. */
function arrivedSteps({ tags }: World): Step[] {
  const { key } = ANNOTATIONS.moveTo;
  return tags.flatMap(({ shard, owner }): Step[] => {
    const to = shard.metadata.annotations?.[key];
    if (to === undefined || (to !== '' && owner?.name !== to)) return [];
    const { name } = shard.metadata;
    return [
      { type: 'removeAnnotation', kind: 'DialogShard', name, key, reason: `${name} is owned by ${to}` },
    ];
  });
}

/** When the next pod that is unready has been so for too long. */
function unreadyDueAtMs({ pods, spec }: World): number {
  const dues = pods
    .filter((pod) => !pod.dead && !pod.ready && pod.reachable)
    .map((pod) => pod.object.readySinceMs + spec.failover.unreadyAfterMs);
  return Math.min(Infinity, ...dues);
}

/** The earliest of times that are still to come. */
function earliest(nowMs: number, times: readonly number[]): number {
  return Math.min(Infinity, ...times.filter((time) => time > nowMs));
}
