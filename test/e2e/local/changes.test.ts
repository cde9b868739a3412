import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostPort } from '../../../src/local/phone-address.ts';
import { Phone } from '../../../src/local/phone.ts';
import { pause, until } from '../../../src/local/until.ts';
import { podAt } from '../../../src/local/demo-view.ts';
import { PUBLIC_PORT } from './local-fleet.ts';
import { openScene } from './local-scene.ts';

const TIMEOUT_MS = 240_000;
const CALLS = 20;
const CHANGED_WITHIN_MS = 2000;
/** A command takes some hundred milliseconds to start. */
const COMMAND_MS = 1500;

describe('changes of a SipCluster while its calls talk', () => {
  const scene = openScene(CALLS, { replicas: 3, nodes: 5 });
  let others: Phone;

  beforeAll(async () => {
    others = await Phone.open({ address: scene.fleet.phones.callees.local.address, port: 5066 });
  });

  afterAll(async () => {
    await others.close();
  });

  async function acceptedIs(status: string): Promise<string> {
    const condition = (await scene.fleet.cluster.sipCluster()).status?.conditions.find(
      ({ type }) => type === 'Accepted',
    );
    return condition?.status === status ? `${condition.reason} ${condition.message}` : '';
  }

  test(
    'targets: new calls go to the new address within 2 s, no pod is restarted',
    async () => {
      const [pod] = await scene.fleet.pods();
      if (pod === undefined) throw new Error('no pod');
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.apply({
          spec: `  targets: [{ name: phones, addresses: ["${hostPort(others.local)}"] }]`,
        });
        await pause(CHANGED_WITHIN_MS);
        const caller = scene.fleet.phones.callers.place(podAt(pod, PUBLIC_PORT), 'newcomer');
        expect(await caller.established).toBe(200);
        expect(others.named('newcomer')?.state).toBe('answered');
        expect((await caller.bye()).status).toBe(200);
        await scene.fleet.apply({});
        await pause(CHANGED_WITHIN_MS);
      });
      expect(faults).toEqual([]);
      expect((await scene.fleet.pod(pod.metadata.name)).metadata.uid).toBe(pod.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test(
    'a bad spec is told of with every problem, and the pods go on with the last good one',
    async () => {
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.apply({
          replicas: 99,
          spec: '  routes: [{ from: nowhere, to: phones, via: internal }]\n  rehoming: { method: Guess }',
        });
        let told = '';
        await until(
          async () => (told = await acceptedIs('False')) !== '',
          CHANGED_WITHIN_MS + COMMAND_MS,
          'the spec to be refused',
        );
        for (const path of ['spec.replicas', 'spec.routes[0].from', 'spec.rehoming.method'])
          expect(told).toContain(path);
        const fresh = await scene.fleet.hold(3);
        expect(await scene.fleet.useAll(fresh)).toEqual([]);
        await scene.fleet.apply({});
        await until(async () => (await acceptedIs('True')) !== '', TIMEOUT_MS, 'the spec to be taken');
      });
      expect(faults).toEqual([]);
      expect(await scene.fleet.pods()).toHaveLength(3);
    },
    TIMEOUT_MS,
  );

  test(
    'scale from 3 to 5 and down to 2: calls spread and gather again, and none notices',
    async () => {
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.rehome('scale', 'sipcluster/edge', '--replicas', '5');
        const grown = await scene.fleet.settled(5);
        expect(scene.fleet.at(scene.calls, grown.pods)).toHaveLength(CALLS);
        await scene.fleet.rehome('scale', 'sipcluster/edge', '--replicas', '2');
        await scene.fleet.settled(2);
      });
      expect(faults).toEqual([]);
      const left = await scene.fleet.pods();
      expect(scene.fleet.at(scene.calls, left)).toHaveLength(CALLS);
      await scene.fleet.rehome('scale', 'sipcluster/edge', '--replicas', '3');
      await scene.fleet.settled(3);
    },
    TIMEOUT_MS,
  );

  test(
    'another image: every pod is replaced, one at a time, and no call notices',
    async () => {
      const before = await scene.fleet.pods();
      const uids = new Set(before.map(({ metadata }) => metadata.uid));
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.apply({ spec: '  image: rehome:next' });
        await until(
          async () => (await scene.fleet.pods()).every(({ metadata }) => !uids.has(metadata.uid)),
          TIMEOUT_MS,
          'every pod to be replaced',
        );
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
