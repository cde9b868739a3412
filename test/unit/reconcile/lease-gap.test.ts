import { describe, expect, it } from '@jest/globals';
import { plan } from '../../../src/reconcile/plan.ts';
import { settled } from './settled.ts';

describe('owners that have no lease for a moment, since their roster is new', () => {
  it('are not called isolated, and the cluster not degraded', () => {
    const cluster = settled();
    const phases = new Set<string>();
    const number = cluster.status?.roster?.number ?? 0;
    let gaps = 0;
    cluster.change({ replicas: 2 });
    cluster.settle(300, (world) => {
      gaps += Number(world.pods.some((pod) => pod.isLeaseless === true));
      phases.add(`cluster ${world.status?.phase ?? ''}`);
      for (const { status } of world.shards) phases.add(`shard ${status?.phase ?? ''}`);
    });
    expect(cluster.status?.roster?.number).toBeGreaterThan(number);
    expect(gaps).toBeGreaterThan(0);
    expect([...phases].sort()).toEqual([
      ...['cluster Moving', 'cluster Ready'],
      ...['shard Active', 'shard Moving'],
    ]);
  });

  it('are called isolated when it lasts', () => {
    const cluster = settled();
    for (const pod of cluster.pods) pod.isLeaseless = true;
    const observed = cluster.observed();
    const said = plan(observed, cluster.nowMs).steps.flatMap((step) =>
      step.type === 'shardStatus' ? [step.status.phase] : [],
    );
    expect(new Set(said)).toEqual(new Set(['Isolated']));
    const [status] = plan(observed, cluster.nowMs).steps.flatMap((step) =>
      step.type === 'clusterStatus' ? [step.status] : [],
    );
    expect(status?.phase).toBe('Degraded');
  });
});
