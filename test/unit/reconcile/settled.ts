import { checkPlan } from './invariants.ts';
import { SimulatedCluster } from './world.ts';

/** A cluster at rest. */
export function settled(written: Record<string, unknown> = {}, nodes?: readonly string[]): SimulatedCluster {
  const cluster = new SimulatedCluster(written, nodes);
  cluster.settle(300, checkPlan);
  return cluster;
}

/** Reasons of the Events since the last call. */
export function said(cluster: SimulatedCluster): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { eventReason } of cluster.events.splice(0))
    counts[eventReason] = (counts[eventReason] ?? 0) + 1;
  return counts;
}

/** Names of the voters. */
export function members(cluster: SimulatedCluster): string[] {
  return (cluster.status?.roster?.members ?? []).map(({ pod }) => pod.replace(/\.[0-9a-f]{8}$/, '')).sort();
}
