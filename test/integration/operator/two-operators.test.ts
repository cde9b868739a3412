import { describe, expect, test } from '@jest/globals';
import { PODS } from '../../../src/kube/kinds.ts';
import { World } from './world.ts';

const LIMIT_MS = 120_000;
const WATCHED_MS = 3000;

describe('two operators that lead at once by mistake', () => {
  test(
    'bring a cluster where it should be, and take no tag from a living pod',
    async () => {
      const world = new World();
      const rosters = world.watchRosters();
      await world.start({ shards: 6 });
      await world.startRival();
      await world.untilSettled(3);
      let most = 0;
      const count = async (): Promise<void> => {
        most = Math.max(most, (await world.pods()).length);
      };
      await world.setSpec('replicas', 4);
      await world.untilSettled(4);
      await world.annotate(PODS, 'edge-0', 'sip.rehome.dev/cordon', 'maintenance');
      await world.until(async () => (await world.owners())['edge-0'] === undefined, 'edge-0 owns nothing');
      await world.unannotate(PODS, 'edge-0', 'sip.rehome.dev/cordon');
      await world.untilSettled(4);
      await world.setSpec('image', 'rehome:0.2.0');
      await world.until(async () => {
        await count();
        const pods = await world.pods();
        const isNew = pods.every(({ spec }) => spec.containers[0]?.image === 'rehome:0.2.0');
        return isNew && (await world.settled(4));
      }, 'all pods are new');
      await world.setSpec('replicas', 3);
      await world.untilSettled(3);
      expect(most).toBeLessThanOrEqual(5);
      expect(world.fleet.mesh.history.filter(({ claim }) => claim === 'dead')).toEqual([]);
      const numbers = rosters.map(({ number }) => number);
      expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
      expect((await world.cluster()).status?.roster?.members).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    'come to rest: pods are not told the same thing by turns for ever',
    async () => {
      const world = new World();
      await world.start();
      await world.untilSettled(3);
      await world.startRival();
      // They overbid each other at ever longer intervals.
      await world.until(async () => {
        const before = world.fleet.statesTaken;
        await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
        return world.fleet.statesTaken - before <= 12;
      }, 'pods are told something every now and then');
      expect(await world.settled(3)).toBe(true);
    },
    LIMIT_MS,
  );
});
