import type { TakeoverReport } from '../api/control.ts';
import type { DialogShardStatus, MoveCause, MoveRecord } from '../api/dialog-shard-type.ts';
import { podNameOf } from '../api/member-id.ts';
import type { Leaving } from './leaving.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** How the mesh says that an owner's process was replaced by another one of the same pod (src/gossip/evidence.ts). */
const STARTED_ANEW = 'started anew';

/** The record of a tag's last change of owner: a new one when its owner told of one, else the former with newer counts. */
export function lastMove(
  tag: TagView,
  world: World,
  leaving: ReadonlyMap<string, Leaving>,
): MoveRecord | undefined {
  const { arrival, shard } = tag;
  const before = shard.status?.lastMove;
  if (arrival === undefined) return before;
  if (arrival.epoch === before?.epoch) return progress(before, arrival);
  if (arrival.epoch < (before?.epoch ?? 0)) return before;
  return newRecord(tag, arrival, causeOf(tag, arrival, world, leaving));
}

/** Calls that a tag had when it was seen last and that no copy brought back. */
export function callsLost({ claim, dialogs }: TakeoverReport, before: DialogShardStatus | undefined): number {
  if (claim !== 'vacant' || before === undefined || before.epoch === 0) return 0;
  return Math.max(0, before.dialogs - dialogs);
}

function progress(before: MoveRecord, takeover: TakeoverReport): MoveRecord {
  const { dialogs, rehomed, kept, lost } = takeover;
  return {
    ...before,
    dialogs,
    rehomed,
    kept,
    failed: Math.max(before.failed, lost),
    ...durationOf(takeover),
  };
}

function newRecord(
  { shard, owner }: TagView,
  takeover: TakeoverReport,
  { cause, reason }: Leaving,
): MoveRecord {
  const { status } = shard;
  const { from, epoch, dialogs, rehomed, kept, lost, startedAtMs } = takeover;
  return {
    cause,
    from: from === '' ? (status?.lastMove?.to ?? '') : podNameOf(from),
    to: owner?.name ?? '',
    ...{ epoch, reason, dialogs, rehomed, kept },
    failed: lost + callsLost(takeover, status),
    startedAt: timeText(startedAtMs),
    ...durationOf(takeover),
  };
}

function durationOf({ durationMs }: TakeoverReport): { durationMs?: number } {
  return durationMs === undefined ? {} : { durationMs };
}

/** A pod's clock may say anything. */
function timeText(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

function causeOf(
  tag: TagView,
  takeover: TakeoverReport,
  world: World,
  leaving: ReadonlyMap<string, Leaving>,
): Leaving {
  const { why: reason } = takeover;
  switch (takeover.claim) {
    case 'dead':
      return { cause: reason.includes(STARTED_ANEW) ? 'PodRestarted' : 'PodDied', reason };
    case 'vacant':
      return { cause: hadOwner(tag, takeover) ? 'PodDied' : 'FirstPlacement', reason };
    case 'handover':
      return handOverCause(tag, takeover, world, leaving);
    case 'renew':
      return { cause: 'Unknown', reason };
  }
}

/** Whether the tag had an owner before; another pod may have told of the present one before that one did. */
function hadOwner({ shard: { status } }: TagView, { epoch }: TakeoverReport): boolean {
  if (status === undefined || status.epoch === 0) return false;
  return status.lastMove !== undefined || status.epoch < epoch;
}

/** The move that was asked for; else what the owner before is being emptied for: it hands over by itself when it is told to stop. */
function handOverCause(
  { shard, owner }: TagView,
  { from, why }: TakeoverReport,
  { pods }: World,
  leaving: ReadonlyMap<string, Leaving>,
): Leaving {
  const pending = shard.status?.pendingMove;
  if (pending !== undefined && pending.to === owner?.name)
    return { cause: pending.cause, reason: pending.reason };
  const former = pods.find((pod) => pod.member === from);
  if (former === undefined || former.dead)
    return { cause: 'PodDeleted', reason: `${podNameOf(from)} was deleted` };
  const cause: MoveCause = 'Unknown';
  return leaving.get(former.name) ?? { cause, reason: why };
}
