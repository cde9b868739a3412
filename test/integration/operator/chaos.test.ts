import { describe, expect, test } from '@jest/globals';
import { PODS } from '../../../src/kube/kinds.ts';
import { FaultyApi } from '../../sim/faulty-api.ts';
import { MortalApi } from './mortal-api.ts';
import { World } from './world.ts';

const LIMIT_MS = 240_000;
/** Operators that are killed before one lives on. */
const MOST_DEATHS = 5;
/** A successor leads soon: a Lease counts whole seconds. Who is busy with handshakes on a busy machine still renews in time. */
const QUICK = { leaseMs: 1000, renewDeadlineMs: 900, retryMs: 50 };

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What people want of the cluster, one after the other. */
async function story(world: World): Promise<void> {
  await world.untilSettled(3);
  await world.setSpec('replicas', 4);
  await world.untilSettled(4);
  await world.annotate(PODS, 'edge-0', 'sip.rehome.dev/cordon', 'maintenance');
  await world.until(async () => (await world.owners())['edge-0'] === undefined, 'edge-0 owns nothing');
  await world.setSpec('image', 'rehome:0.2.0');
  await world.until(async () => {
    const pods = await world.pods();
    return pods.every(({ spec }) => spec.containers[0]?.image === 'rehome:0.2.0') && (await world.settled(4));
  }, 'all pods are new');
  await world.setSpec('replicas', 3);
  await world.untilSettled(3);
}

describe('an operator', () => {
  test.each([1])(
    'that is killed at any write is followed by one that goes on from there (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const world = new World(QUICK);
      const next = (): MortalApi => new MortalApi(world.api, 1 + Math.floor(random() * 40), random() < 0.5);
      let mortal = next();
      let deaths = 0;
      await world.start({ shards: 6 }, undefined, mortal.api);
      const over = new AbortController();
      const reaper = (async (): Promise<void> => {
        while (!over.signal.aborted) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (!mortal.isDead) continue;
          deaths++;
          await world.operator?.stop();
          mortal = next();
          await world.startOperator(deaths < MOST_DEATHS ? mortal.api : world.api);
        }
      })();
      await story(world).finally(() => {
        over.abort();
      });
      await reaper;
      expect(deaths).toBeGreaterThanOrEqual(2);
      // Nobody died but operators: no tag may have been taken from a living pod, and none was lost.
      expect(world.fleet.mesh.history.filter(({ claim }) => claim === 'dead')).toEqual([]);
      expect(Object.keys(await world.owners())).toHaveLength(3);
      const { status } = await world.cluster();
      expect(status?.roster?.members).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test.each([2])(
    'gets there through conflicts, lost answers, stale reads and cut watches (seed %i)',
    async (seed) => {
      const world = new World(QUICK);
      const faults = {
        ...{ conflict: 0.05, serverError: 0.03, lostRequest: 0.03, lostAnswer: 0.05 },
        ...{ staleRead: 0.05, cutWatch: 0.02 },
      };
      await world.start({ shards: 6 }, undefined, new FaultyApi(world.api, { random: seeded(seed), faults }));
      await story(world);
      expect(world.fleet.mesh.history.filter(({ claim }) => claim === 'dead')).toEqual([]);
    },
    LIMIT_MS,
  );
});
