import { expect, test } from '@jest/globals';
import { PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { sipCluster } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

const LIMIT_MS = 240_000;
const ROUNDS = 3;
const AT_A_TIME = 10;

/** Sockets of this process, of the played pods too. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((type) => /TCP|TLS|UDP|UDPWRAP/i.test(type)).length;
}

test(
  'an operator keeps nothing of clusters that are gone: not of thirty',
  async () => {
    const world = new World();
    await world.start();
    await world.untilSettled(3);
    const round = async (number: number): Promise<void> => {
      // Pods of one namespace share the played mesh.
      const refs = Array.from({ length: AT_A_TIME }, (_, index) => ({
        namespace: `calls-${number}-${index}`,
        name: 'edge',
      }));
      for (const { namespace, name } of refs) {
        const made = sipCluster(name, { replicas: 1, shards: 1 });
        await world.api.create(SIP_CLUSTERS, { ...made, metadata: { namespace, name } });
      }
      const isReady = async (ref: (typeof refs)[number]): Promise<boolean> =>
        (await world.api.get(SIP_CLUSTERS, ref)).status?.phase === 'Ready';
      for (const ref of refs) await world.until(() => isReady(ref), `${ref.namespace} is ready`);
      for (const ref of refs) await world.api.delete(SIP_CLUSTERS, ref);
      await world.until(
        async () => (await world.api.list(PODS, {})).items.length === 3,
        'their pods are gone',
      );
      await world.until(async () => (await managed()) === 1, 'the operator has forgotten them');
    };
    const managed = async (): Promise<number | undefined> => {
      await world.metrics.text();
      return (await world.metrics.clusters.get()).values[0]?.value;
    };
    await round(0);
    const before = sockets();
    for (let number = 1; number < ROUNDS; number++) await round(number);
    expect(await world.metrics.text()).not.toContain('calls-');
    await world.until(() => sockets() <= before, `no more than ${before} sockets are open`);
    await world.untilSettled(3);
  },
  LIMIT_MS,
);
