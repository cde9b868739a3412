import { conditionIn } from './conditions.ts';
import { timeOf } from './pod-view.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** A roster that is not adopted after this is not being adopted: its voters do not answer. */
const ADOPTION_LIMIT_MS = 5000;

/** An owner that has adopted a roster has its lease under it after some probes. */
const RENEWAL_LIMIT_MS = 2000;

/**
 * Whether a tag's owner acts for it, or will in a moment: only answers of voters that have adopted the owner's roster renew its lease
 * (OWNERSHIP 4), so that each new roster leaves all owners without one for some probes. That is nothing to raise an alarm for.
 */
export function isActing(tag: TagView, world: World): boolean {
  if (tag.said?.acting === true) return true;
  return tag.said !== undefined && wasActing(tag) && world.nowMs < gapEndsAtMs(world);
}

/** When the present roster excuses no owner any more, if one is excused; else Infinity. */
export function gapDueAtMs(world: World): number {
  const isExcused = world.tags.some((tag) => tag.said?.acting === false && isActing(tag, world));
  return isExcused ? gapEndsAtMs(world) : Infinity;
}

function wasActing({ shard }: TagView): boolean {
  return conditionIn(shard.status?.conditions, 'Owned')?.status === 'True';
}

function gapEndsAtMs({ observed, nowMs }: World): number {
  const { status } = observed.cluster;
  if (status?.roster === undefined) return -Infinity;
  const { adoptedAt } = status.roster;
  if (adoptedAt !== undefined) return timeOf(adoptedAt) + RENEWAL_LIMIT_MS;
  const quorum = conditionIn(status.conditions, 'Quorum');
  const sinceMs = quorum?.reason === 'RosterPending' ? timeOf(quorum.lastTransitionTime) : nowMs;
  return sinceMs + ADOPTION_LIMIT_MS;
}
