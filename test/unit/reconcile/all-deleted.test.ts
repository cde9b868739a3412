import { describe, expect, it } from '@jest/globals';
import { memberOf } from './sim-pod.ts';
import { said, settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

/** A cluster at rest whose tags have ten dialogs each. */
function busy(): SimulatedCluster {
  const cluster = settled();
  for (const tag of cluster.tags.values()) tag.dialogs = 10;
  // Counts are written every ten seconds.
  cluster.run(15);
  return cluster;
}

function dialogs(cluster: SimulatedCluster): number {
  return [...cluster.tags.values()].reduce((sum, tag) => sum + tag.dialogs, 0);
}

describe('all pods deleted at once', () => {
  it('have successors at once, which get their tags while they are there', () => {
    const cluster = busy();
    for (const name of cluster.podNames) {
      cluster.delete(name);
      // As long as its calls take to be handed over and relayed.
      cluster.pod(name).goneIn = 40;
    }
    cluster.run(1);
    expect(cluster.pods).toHaveLength(6);
    cluster.run(45);
    cluster.settle(400);
    expect(cluster.podNames).toEqual(['edge-3', 'edge-4', 'edge-5']);
    expect(cluster.counts()).toEqual([4, 4, 4]);
    expect(dialogs(cluster)).toBe(120);
    expect(said(cluster)['CallsLost']).toBeUndefined();
    expect(cluster.status).toMatchObject({ phase: 'Ready', roster: { generation: 1 } });
  });

  it('that have no time to wait leave a cluster that takes calls again', () => {
    const cluster = busy();
    for (const name of cluster.podNames) cluster.kill(name);
    cluster.settle(400);
    expect(cluster.pods).toHaveLength(3);
    expect(cluster.status).toMatchObject({ phase: 'Ready', roster: { generation: 2 } });
    expect(said(cluster)).toMatchObject({ RosterReset: 1, CallsLost: 12 });
  });
});

describe('a pod whose deletion is forced', () => {
  it('is replaced at once, and its process, which lives on, is told nothing and owns nothing in the end', () => {
    const cluster = busy();
    const former = memberOf(cluster.pod('edge-1'));
    cluster.kill('edge-1');
    cluster.run(1);
    expect(cluster.pods).toHaveLength(3);
    cluster.settle();
    const told = cluster.pods.flatMap(({ state }) => state?.peers.map(({ pod }) => pod) ?? []);
    expect(told).not.toContain(former);
    expect(cluster.status?.roster?.members.map(({ pod }) => pod)).not.toContain(former);
    expect([...cluster.tags.values()].map(({ owner }) => owner)).not.toContain(former);
    expect(dialogs(cluster)).toBe(120);
  });
});
