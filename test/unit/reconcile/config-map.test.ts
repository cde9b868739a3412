import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../../src/reconcile/plan-type.ts';
import { checkPlan } from './invariants.ts';
import { settled } from './settled.ts';
import { SimulatedCluster } from './world.ts';

interface Config {
  shards: string[];
  shardGroups: Record<string, string>;
}

/** What pods of the cluster start with. */
function configOf({ configMap }: SimulatedCluster): Config {
  return JSON.parse(configMap?.data['config.yaml'] ?? '{}') as Config;
}

function typesOf(steps: readonly Step[]): string[] {
  return steps.map(({ type }) => type);
}

describe('the tags in the config of pods', () => {
  it('are there before the first pod is made, though their DialogShards are not', () => {
    const cluster = new SimulatedCluster({ shards: 4 });
    const { steps } = cluster.plan();
    const types = typesOf(steps);
    expect(types.indexOf('applyObject')).toBeLessThan(types.indexOf('createPod'));
    cluster.perform({ steps, againAtMs: Infinity });
    expect(configOf(cluster)).toMatchObject({
      shards: ['edge-00', 'edge-01', 'edge-02', 'edge-03'],
      shardGroups: {},
    });
  });

  it('follow the DialogShards, and no pod is replaced for that', () => {
    const cluster = settled({ shards: 4 });
    const names = cluster.pods.map(({ metadata }) => metadata.uid);
    cluster.addShard({ name: 'vip' }, { clusterRef: 'edge', tag: 'gold', group: 'vip' });
    cluster.change({ shards: 5 });
    cluster.settle(300, checkPlan);
    expect(configOf(cluster)).toMatchObject({
      shards: ['edge-00', 'edge-01', 'edge-02', 'edge-03', 'edge-04', 'gold'],
      shardGroups: { gold: 'vip' },
    });
    expect(cluster.pods.map(({ metadata }) => metadata.uid)).toEqual(names);
  });

  it('are written once', () => {
    const cluster = settled({ shards: 4 });
    expect(typesOf(cluster.plan().steps)).toEqual([]);
  });
});
