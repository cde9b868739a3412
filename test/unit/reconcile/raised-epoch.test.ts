import { describe, expect, it } from '@jest/globals';
import { MOST_EPOCH } from '../../../src/api/epoch.ts';
import { LOST_GRANTS_MARGIN } from '../../../src/reconcile/roster-view.ts';
import { settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

/** Room for CSeqs: each grows by 1000 with an epoch, from 2^30 at most, and ends before 2^31 (OWNERSHIP 8). */
const MOST_STEP = 2 ** 30 / 1000;

/** As a person does it with `kubectl edit --subresource=status`. */
function raise(cluster: SimulatedCluster, epoch: number): void {
  for (const shard of cluster.shards) {
    if (shard.status === undefined) throw new Error('no status');
    shard.status = { ...shard.status, epoch };
  }
}

const highest = (cluster: SimulatedCluster): number =>
  Math.max(...[...cluster.tags.values()].map(({ epoch }) => epoch));

describe.each([100, 20_000, 2 ** 21, MOST_EPOCH - LOST_GRANTS_MARGIN, MOST_EPOCH])(
  'an epoch of the status that somebody raised to %i',
  (epoch) => {
    it('is never written lower, which the API server would refuse', () => {
      const cluster = settled();
      raise(cluster, epoch);
      cluster.kill('edge-0');
      const written: number[] = [];
      cluster.settle(300, (_cluster, { steps }) => {
        written.push(...steps.flatMap((step) => (step.type === 'shardStatus' ? [step.status.epoch] : [])));
      });
      expect(Math.min(...written)).toBe(epoch);
      expect(cluster.status?.phase).toBe('Ready');
      expect(highest(cluster)).toBeLessThan(10);
    });

    it('leaves room for owners and their CSeqs when a lost majority is given up, again and again', () => {
      const cluster = settled();
      raise(cluster, epoch);
      let before = highest(cluster);
      for (let round = 0; round < 5; round++) {
        for (const name of cluster.podNames) cluster.kill(name);
        cluster.settle(400);
        expect(cluster.status?.phase).toBe('Ready');
        expect(highest(cluster) - before).toBeGreaterThan(LOST_GRANTS_MARGIN);
        expect(highest(cluster) - before).toBeLessThan(MOST_STEP / 10);
        before = highest(cluster);
      }
      expect(cluster.status?.roster?.generation).toBe(6);
    });
  },
);

it('an epoch that is told by the status alone is believed when all pods are lost', () => {
  const cluster = settled();
  raise(cluster, 300);
  for (const name of cluster.podNames) cluster.kill(name);
  cluster.settle(400);
  expect(Math.min(...Object.values(cluster.status?.roster?.floor ?? {}))).toBe(300 + LOST_GRANTS_MARGIN);
});
