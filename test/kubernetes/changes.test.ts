import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { E2eCluster } from './e2e-cluster.ts';
import { kubectl } from './kubectl.ts';
import { faultsWhile } from './scene.ts';
import { readSettings } from './settings.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 600_000;
const REPLICAS = 3;
const MANY_CALLS = 500;

describe('changes of a cluster while calls talk', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('changes');
  }, START_MS);

  afterAll(async () => {
    await cluster.stop();
  }, START_MS);

  test(
    'scale 3 → 5 → 2: no call notices and no new call fails',
    async () => {
      const faults = await faultsWhile(cluster, {}, async () => {
        await kubectl('scale', `sipcluster/edge`, '-n', cluster.namespace, '--replicas=5');
        await cluster.settled(5);
        await kubectl('scale', `sipcluster/edge`, '-n', cluster.namespace, '--replicas=2');
        await cluster.settled(2);
      });
      expect(faults).toEqual([]);
      await kubectl('scale', `sipcluster/edge`, '-n', cluster.namespace, `--replicas=${REPLICAS}`);
      await cluster.settled(REPLICAS);
    },
    TIMEOUT_MS,
  );

  const { nextImage } = readSettings();
  (nextImage === '' ? describe.skip : describe)('with REHOME_E2E_NEXT_IMAGE', () => {
    test(
      `another image with ${MANY_CALLS} calls: all pods are replaced, no call notices and no new call fails`,
      async () => {
        const before = (await cluster.pods()).map(({ metadata }) => metadata.uid);
        const faults = await faultsWhile(cluster, { calls: MANY_CALLS }, async (scene) => {
          const old = await cluster.pods();
          await cluster.upgrade({}, nextImage);
          await scene.untilAway(old);
          await cluster.settled(REPLICAS);
        });
        expect(faults).toEqual([]);
        const now = await cluster.pods();
        expect(now.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
        expect(now.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(REPLICAS).fill(nextImage));
      },
      TIMEOUT_MS,
    );
  });

  test(
    'helm upgrade of pacing and targets: no pod is replaced, and no call notices',
    async () => {
      const before = (await cluster.pods()).map(({ metadata }) => metadata.uid).sort();
      const faults = await faultsWhile(cluster, {}, async () => {
        await cluster.upgrade({ rehoming: { legsPerSecond: 500 } });
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      expect((await cluster.pods()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    },
    TIMEOUT_MS,
  );
});
