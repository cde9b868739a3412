import { podNameOf } from '../api/member-id.ts';
import type { DialogShardStatus, PendingMove } from '../api/dialog-shard-type.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { writingOf, type Writing } from './counts.ts';
import type { Goal, Places } from './goal.ts';
import { lastMove } from './last-move.ts';
import { isActing } from './lease-gap.ts';
import { isInTransit, pendingMove, unsettled, type Move } from './moves.ts';
import { possibleStandbys } from './standbys.ts';
import type { TagView } from './tag-view.ts';
import type { RejectedShard, World } from './world.ts';

/** What the operator writes of a DialogShard. */
export type ShardStatus = Omit<DialogShardStatus, 'vote'>;

/** The status of a shard that takes part. */
export function shardStatus(world: World, places: Places, goal: Goal, move: Move | undefined): ShardStatus {
  const { tag } = goal;
  const { metadata, status } = tag.shard;
  const { generation = 0 } = metadata;
  // A move that took place stays in the status until its receiver has told of it, which then knows its cause.
  const pending =
    pendingMove(world, goal, move) ?? (isInTransit(tag, world.nowMs) ? status?.pendingMove : undefined);
  const record = lastMove(tag, world, places.leaving);
  const findings = [ownedFinding(tag, world), protectedFinding(tag, possibleStandbys(world, places))];
  return {
    observedGeneration: generation,
    phase: phaseOf(world, tag, pending),
    ...ownership(tag),
    standbys: tag.standbys.map(podNameOf),
    standbysInSync: tag.standbysInSync.map(podNameOf),
    ...(record === undefined ? {} : { lastMove: record }),
    ...(pending === undefined ? {} : { pendingMove: pending }),
    conditions: conditionsOf(findings, status?.conditions, generation, world.nowMs),
    countedAt: new Date(world.nowMs).toISOString(),
  };
}

/** While nobody owns a tag it keeps the dialogs that it had: its next owner is measured by them. */
function ownership({
  owner,
  shard,
  epoch,
  dialogs,
}: TagView): Pick<ShardStatus, 'owner' | 'ownerUid' | 'epoch' | 'dialogs'> {
  const before = { epoch: 0, dialogs: 0, ...shard.status };
  const newest = Math.max(epoch, before.epoch);
  if (owner === undefined) return { owner: '', ownerUid: '', epoch: newest, dialogs: before.dialogs };
  return { owner: owner.name, ownerUid: owner.uid, epoch: newest, dialogs };
}

/** The status of a shard that is left out. */
export function rejectedStatus({ shard, reason, message }: RejectedShard, nowMs: number): ShardStatus {
  const generation = shard.metadata.generation ?? 0;
  const finding: Finding = { type: 'Owned', status: 'False', reason, message };
  return {
    observedGeneration: generation,
    ...{ phase: 'Pending', owner: '', ownerUid: '', epoch: shard.status?.epoch ?? 0 },
    ...{ standbys: [], standbysInSync: [], dialogs: 0 },
    conditions: conditionsOf([finding], shard.status?.conditions, generation, nowMs),
    countedAt: new Date(nowMs).toISOString(),
  };
}

/** Whether a shard's status is to be written now. */
export function shardWriting(
  before: DialogShardStatus | undefined,
  wanted: ShardStatus,
  nowMs: number,
): Writing {
  return writingOf<ShardStatus>(
    before === undefined ? undefined : ownPart(before),
    wanted,
    withoutCounts,
    nowMs,
  );
}

function ownPart(status: DialogShardStatus): ShardStatus {
  const own = { ...status };
  delete own.vote;
  return own;
}

function withoutCounts(status: ShardStatus): unknown {
  const { lastMove: record } = status;
  const counts = { dialogs: 0, rehomed: 0, kept: 0, failed: 0 };
  return {
    ...status,
    countedAt: '',
    dialogs: 0,
    lastMove: record === undefined ? undefined : { ...record, ...counts },
  };
}

function phaseOf(world: World, tag: TagView, pending: PendingMove | undefined): DialogShardStatus['phase'] {
  if (tag.owner === undefined)
    return (tag.shard.status?.epoch ?? 0) > 0 || tag.epoch > 0 ? 'Unowned' : 'Pending';
  if (tag.said !== undefined && !isActing(tag, world)) return 'Isolated';
  const isMoving = (pending !== undefined && pending.refused === undefined) || unsettled(world).includes(tag);
  return isMoving ? 'Moving' : 'Active';
}

function ownedFinding(tag: TagView, world: World): Finding {
  const { owner, said, ownerMember } = tag;
  if (owner === undefined) {
    const message = ownerMember === '' ? 'no pod has claimed it' : `${podNameOf(ownerMember)} is dead`;
    return { type: 'Owned', status: 'False', reason: 'NoOwner', message };
  }
  if (said === undefined) {
    const message = `${owner.name} has not told of it`;
    return { type: 'Owned', status: 'Unknown', reason: 'OwnerSilent', message };
  }
  if (!isActing(tag, world)) {
    const message = `${owner.name} does not hear a majority of the voters`;
    return { type: 'Owned', status: 'False', reason: 'LeaseLost', message };
  }
  return { type: 'Owned', status: 'True', reason: 'AsDesired', message: `${owner.name} acts for it` };
}

function protectedFinding({ standbysInSync }: TagView, wanted: number): Finding {
  if (wanted === 0) {
    const message = 'there is no other pod to hold a copy';
    return { type: 'Protected', status: 'False', reason: 'NoStandbyPossible', message };
  }
  const message = `${Math.min(standbysInSync.length, wanted)} of ${wanted} copies are in sync`;
  if (standbysInSync.length < wanted)
    return { type: 'Protected', status: 'False', reason: 'StandbysMissing', message };
  return { type: 'Protected', status: 'True', reason: 'AsDesired', message };
}
