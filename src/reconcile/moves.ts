import type { MoveCause, PendingMove } from '../api/dialog-shard-type.ts';
import type { Goal, Places } from './goal.ts';
import type { PodView } from './pod-view.ts';
import { compareText, timeOf } from './pod-view.ts';
import { compareLists } from './surplus.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** A move that is on its way: prepared until the receiver holds everything, then asked for. */
export interface Move {
  tag: TagView;
  from: PodView;
  to: PodView;
  cause: MoveCause;
  reason: string;
  /** The receiver holds everything, so that the owner is asked now. */
  asked: boolean;
}

/** After this a re-homing that is not settled holds up no rebalance any more. */
const SETTLE_LIMIT_MS = 60_000;

/** After this it is no longer waited for that the receiver of a tag tells of its takeover. */
const TRANSIT_LIMIT_MS = 30_000;

/**
 * Which moves are under way now: all that must be, and of a rebalance as many as may; one that has begun goes on. At most one per
 * tag.
 */
export function planMoves(world: World, places: Places, goals: readonly Goal[]): Move[] {
  const wanted = goals.flatMap((goal) => moveOf(goal, places) ?? []);
  const needed = wanted.filter((move) => move.cause !== 'Rebalance' || hasBegun(move));
  if (!mayRebalance(world, places)) return needed;
  const begun = needed.filter((move) => move.cause === 'Rebalance').length + unsettled(world).length;
  const others = wanted.filter((move) => !needed.includes(move)).sort(byProgress);
  return [...needed, ...others.slice(0, Math.max(0, world.spec.rebalance.maxTagsInFlight - begun))];
}

/** When the next unsettled re-homing, or move in transit, stops holding up a rebalance; Infinity if there is none. */
export function settledAtMs(world: World): number {
  const dues = unsettled(world).map(({ takeover, shard }) =>
    takeover === undefined
      ? timeOf(shard.status?.pendingMove?.askedAt) + TRANSIT_LIMIT_MS
      : takeover.startedAtMs + SETTLE_LIMIT_MS,
  );
  return Math.min(Infinity, ...dues);
}

/** Tags whose last takeover is still re-homing calls, or has not been told of. */
export function unsettled({ tags, nowMs }: World): TagView[] {
  return tags.filter((tag) => isRehoming(tag, nowMs) || isInTransit(tag, nowMs));
}

/** Whether a tag has left the owner that was asked, and its receiver has not told of the takeover yet. */
export function isInTransit({ owner, takeover, shard }: TagView, nowMs: number): boolean {
  const pending = shard.status?.pendingMove;
  if (pending === undefined || pending.refused !== undefined) return false;
  const hasArrived = owner?.name === pending.to && owner.name !== pending.from;
  const hasLeft = owner === undefined || (hasArrived && takeover === undefined);
  return hasLeft && nowMs - timeOf(pending.askedAt) < TRANSIT_LIMIT_MS;
}

function isRehoming({ takeover }: TagView, nowMs: number): boolean {
  if (takeover === undefined || takeover.durationMs !== undefined) return false;
  return nowMs - takeover.startedAtMs < SETTLE_LIMIT_MS;
}

function moveOf({ tag, owner: to, move }: Goal, { receivers }: Places): Move | undefined {
  if (move === undefined || to === undefined || tag.owner === undefined || tag.owner === to) return undefined;
  const mayReceive = receivers.includes(to) || (to.reachable && hasBegun({ tag, to }));
  if (!mayReceive) return undefined;
  const asked = tag.said !== undefined && tag.standbysInSync.includes(to.member);
  return { tag, from: tag.owner, to, ...move, asked };
}

/** A rebalance waits until as many pods as wanted can take tags and none is being emptied. */
function mayRebalance({ spec, tags }: World, { leaving, receivers }: Places): boolean {
  const isBeingEmptied = tags.some((tag) => tag.owner !== undefined && leaving.has(tag.owner.name));
  return spec.rebalance.enabled && receivers.length >= spec.replicas && !isBeingEmptied;
}

/** Whether the status says that the tag is on its way there; a pod that is unready for a moment does not stop it. */
function hasBegun({ tag, to }: Pick<Move, 'tag' | 'to'>): boolean {
  return tag.shard.status?.pendingMove?.to === to.name;
}

/** What can go at once, then what has the fewest dialogs. */
function byProgress(left: Move, right: Move): number {
  const key = ({ tag, asked }: Move): number[] => [asked ? 0 : 1, tag.dialogs];
  return compareLists(key(left), key(right)) || compareText(left.tag.tag, right.tag.tag);
}

/** What the status says of a move that is on its way, and of a wish that cannot be met. */
export function pendingMove(world: World, goal: Goal, move: Move | undefined): PendingMove | undefined {
  const { tag, refused } = goal;
  const before = tag.shard.status?.pendingMove;
  const wanted = move === undefined ? refusedWish(tag, refused) : askedMove(move);
  if (wanted === undefined) return undefined;
  const isSame = before?.to === wanted.to && before.from === wanted.from && before.cause === wanted.cause;
  return { ...wanted, askedAt: isSame ? before.askedAt : new Date(world.nowMs).toISOString() };
}

/** Since when a move is asked for, milliseconds since 1970; undefined if it is not the one of the status. */
export function askedSinceMs({ tag, to }: Move): number | undefined {
  const before = tag.shard.status?.pendingMove;
  return before?.to === to.name ? timeOf(before.askedAt) : undefined;
}

function askedMove({ tag, from, to, cause, reason }: Move): Omit<PendingMove, 'askedAt'> {
  const refusal = from.report?.refusedHandOvers.find((each) => each.tag === tag.tag && each.to === to.member);
  return {
    ...{ cause, from: from.name, to: to.name, reason },
    ...(refusal === undefined ? {} : { refused: refusal.why }),
  };
}

function refusedWish({ owner }: TagView, refused: Goal['refused']): Omit<PendingMove, 'askedAt'> | undefined {
  if (refused === undefined) return undefined;
  const { to, why } = refused;
  return {
    cause: 'ByHand',
    from: owner?.name ?? '',
    to,
    reason: `it was asked to go to ${to}`,
    refused: why,
  };
}
