import type { ObjectMeta } from '../api/object-type.ts';
import type { ObservedShard } from './observed.ts';
import type { Plan } from './plan-type.ts';
import { rejectionEvents } from './shard-events.ts';
import { rejectedStatus, shardWriting } from './shard-status.ts';
import type { RejectedShard } from './world.ts';

/** Says of a shard that is left out why it is. */
export function rejectionPlan(rejected: RejectedShard, nowMs: number): Plan {
  const { message, shard } = rejected;
  const status = rejectedStatus(rejected, nowMs);
  const { due, againAtMs } = shardWriting(shard.status, status, nowMs);
  const { name } = shard.metadata;
  const events = rejectionEvents(shard, status);
  return {
    steps: due ? [...events, { type: 'shardStatus', name, status, reason: message }] : [],
    againAtMs,
  };
}

/** The plan for shards of a cluster that there is not: to say so, but of those that went with it and are about to be collected. */
export function orphanPlan(cluster: string, shards: readonly ObservedShard[], nowMs: number): Plan {
  const living = shards.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined && !isOwned(metadata),
  );
  const plans = living.map((shard) => rejectionPlan(orphan(cluster, shard), nowMs));
  return {
    steps: plans.flatMap(({ steps }) => steps),
    againAtMs: Math.min(Infinity, ...plans.map(({ againAtMs }) => againAtMs)),
  };
}

function isOwned({ ownerReferences = [] }: ObjectMeta): boolean {
  return ownerReferences.some(({ kind }) => kind === 'SipCluster');
}

function orphan(cluster: string, shard: ObservedShard): RejectedShard {
  if (shard.spec !== undefined)
    return { shard, reason: 'ClusterMissing', message: `there is no SipCluster ${cluster}` };
  return { shard, reason: 'SpecInvalid', message: problemsText(shard) };
}

/** All problems of a shard in one line. */
function problemsText({ problems }: ObservedShard): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
}
