import type { DialogShardStatus, MoveCause, MoveRecord, PendingMove } from '../api/dialog-shard-type.ts';
import { eventStep } from './cluster-events.ts';
import { conditionIn } from './conditions.ts';
import { callsLost } from './last-move.ts';
import type { ObservedShard } from './observed.ts';
import type { EventSubject, Step } from './plan-type.ts';
import type { ShardStatus } from './shard-status.ts';
import type { TagView } from './tag-view.ts';

/** Causes that the mesh acts on by itself. */
const FAILOVERS: readonly MoveCause[] = ['PodDied', 'PodRestarted'];

/** What the new status of a shard that takes part says that the one before did not. */
export function shardEvents(tag: TagView, after: ShardStatus): Step[] {
  const { shard } = tag;
  const about = subjectOf(shard);
  const before = shard.status;
  const record = after.lastMove;
  const isRecorded = record !== undefined && record.epoch !== before?.lastMove?.epoch;
  return [
    ...(isRecorded ? recordEvents(about, tag, record) : []),
    ...finishEvents(about, before, after),
    ...pendingEvents(about, before, after, isRecorded),
  ];
}

/** That a shard is left out. */
export function rejectionEvents(shard: ObservedShard, after: ShardStatus): Step[] {
  const [was, is] = [shard.status, after].map((each) => conditionIn(each?.conditions, 'Owned'));
  if (is === undefined || (was?.reason === is.reason && was.message === is.message)) return [];
  return [eventStep(subjectOf(shard), 'ShardRejected', `${shard.metadata.name} is left out: ${is.message}`)];
}

function subjectOf({ metadata: { name, uid = '' } }: ObservedShard): EventSubject {
  return { kind: 'DialogShard', name, uid };
}

function recordEvents(about: EventSubject, { tag, arrival, shard }: TagView, record: MoveRecord): Step[] {
  const { cause, from, to, epoch, dialogs, reason } = record;
  const steps: Step[] = [];
  if (cause === 'FirstPlacement')
    steps.push(eventStep(about, 'FirstPlacement', `${to} owns ${tag} in epoch ${epoch}: ${reason}`));
  if (FAILOVERS.includes(cause)) {
    const note = `${tag} went from ${from} to ${to} in epoch ${epoch} with ${dialogs} dialogs: ${reason}`;
    steps.push(eventStep(about, 'FailoverRecorded', note));
  }
  const lost = arrival === undefined ? 0 : callsLost(arrival, shard.status);
  if (lost > 0)
    steps.push(
      eventStep(about, 'CallsLost', `${tag} came back in epoch ${epoch} without ${lost} dialogs that it had`),
    );
  return steps;
}

/** That the calls of a planned move are settled; a move that nobody saw begin may be finished at once. */
function finishEvents(
  about: EventSubject,
  before: DialogShardStatus | undefined,
  after: ShardStatus,
): Step[] {
  const record = after.lastMove;
  if (
    record?.durationMs === undefined ||
    FAILOVERS.includes(record.cause) ||
    record.cause === 'FirstPlacement'
  )
    return [];
  const former = before?.lastMove;
  if (former?.epoch === record.epoch && former.durationMs !== undefined) return [];
  const { from, to, dialogs, rehomed, failed, kept, durationMs } = record;
  const counts = `${dialogs} dialogs, ${rehomed} re-homed, ${kept} kept, ${failed} failed`;
  return [eventStep(about, 'MoveFinished', `from ${from} to ${to} in ${durationMs} ms: ${counts}`)];
}

function pendingEvents(
  about: EventSubject,
  before: DialogShardStatus | undefined,
  { pendingMove: is }: ShardStatus,
  isRecorded: boolean,
): Step[] {
  const was = before?.pendingMove;
  if (is === undefined) return was === undefined || isRecorded ? [] : stopEvents(about, was);
  const isNew = was === undefined || !isSameMove(was, is);
  const { from, to, reason, refused } = is;
  if (refused === undefined)
    return isNew ? [eventStep(about, 'MoveStarted', `from ${from} to ${to}: ${reason}`)] : [];
  if (!isNew && was.refused === refused) return [];
  return [eventStep(about, 'HandOverRefused', `from ${from} to ${to}: ${refused}`)];
}

function stopEvents(about: EventSubject, { from, to, refused }: PendingMove): Step[] {
  if (refused !== undefined) return [];
  return [eventStep(about, 'MoveStopped', `it does not go from ${from} to ${to} any more`)];
}

function isSameMove(was: PendingMove, is: PendingMove): boolean {
  return was.to === is.to && was.from === is.from && was.cause === is.cause;
}
