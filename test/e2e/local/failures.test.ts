import { describe, expect, test } from '@jest/globals';
import { TALK_ENDS } from '../../../src/local/talk.ts';
import { pause, until } from '../../../src/local/until.ts';
import { LocalFleet } from './local-fleet.ts';
import { openScene } from './local-scene.ts';

const TIMEOUT_MS = 180_000;
const CALLS = 24;
const TALK_MS = 2000;

describe('failures on three pods with an operator', () => {
  // Longer than two commands take on a busy machine; a closed stream tells of a killed process at once.
  const scene = openScene(CALLS, { spec: '  failover: { suspectAfter: 6s }' });

  test(
    'kill -9 of a pod: its calls go on, what happened is recorded, and it gets a share again',
    async () => {
      const pod = await scene.busiest();
      const { name } = pod.metadata;
      const hit = scene.fleet.at(scene.calls, [pod]);
      const epochs = new Map(
        (await scene.fleet.tagsOf(name)).map((shard) => [shard.metadata.name, shard.status?.epoch]),
      );
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await pause(TALK_MS);
        scene.fleet.noteDeath(hit);
        await scene.fleet.rehome('kill', name);
        await scene.fleet.untilAway(hit, [pod]);
        await until(
          async () => {
            const { shards } = await scene.fleet.look();
            const taken = shards.filter(({ metadata }) => epochs.has(metadata.name));
            return taken.every(
              ({ metadata, status }) =>
                (status?.epoch ?? 0) > (epochs.get(metadata.name) ?? 0) && status?.lastMove !== undefined,
            );
          },
          TIMEOUT_MS,
          'the failover to be recorded',
        );
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'the operator is killed in the middle of a move: another finishes it',
    async () => {
      const pod = await scene.busiest();
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.rehome('cordon', `pod/${pod.metadata.name}`);
        await scene.fleet.killOperator();
        await scene.fleet.untilLed();
        await scene.fleet.untilAway(scene.calls, [pod]);
        await scene.fleet.rehome('uncordon', `pod/${pod.metadata.name}`);
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'operator and pod are killed at once: the calls go on without the one, and the other is replaced',
    async () => {
      const pod = await scene.busiest();
      const hit = scene.fleet.at(scene.calls, [pod]);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await pause(TALK_MS);
        scene.fleet.noteDeath(hit);
        await Promise.all([scene.fleet.killOperator(), scene.fleet.rehome('kill', pod.metadata.name)]);
        await scene.fleet.untilAway(hit, [pod]);
        await scene.fleet.untilLed();
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a pod that stops for less than a suspicion takes keeps its calls',
    async () => {
      const held = await scene.fleet.hold(6);
      const [pod] = await scene.fleet.pods();
      if (pod === undefined) throw new Error('no pod');
      const asked = (): number[] =>
        held.flatMap((call) => TALK_ENDS.map((end) => call[end].ledger.reinvites().length));
      const before = asked();
      await scene.fleet.rehome('pause', pod.metadata.name);
      await scene.fleet.rehome('resume', pod.metadata.name);
      await pause(TALK_MS);
      expect(asked()).toEqual(before);
      expect(await scene.fleet.useAll(held)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

test(
  'of two pods one is killed: with the operator’s vote the other takes over, and the first comes back',
  async () => {
    const fleet = await LocalFleet.start({ replicas: 2, nodes: 2, shards: 4 });
    try {
      const calls = await fleet.hold(10);
      const [pod] = await fleet.pods();
      if (pod === undefined) throw new Error('no pod');
      const hit = fleet.at(calls, [pod]);
      expect(hit.length).toBeGreaterThan(0);
      const faults = await fleet.faultsWhile(calls, async () => {
        await pause(TALK_MS);
        fleet.noteDeath(hit);
        await fleet.rehome('kill', pod.metadata.name);
        await fleet.untilAway(hit, [pod]);
        await fleet.settled(2);
      });
      expect(faults).toEqual([]);
      expect(await fleet.useAll(calls)).toEqual([]);
    } finally {
      await fleet.stop();
    }
  },
  TIMEOUT_MS,
);

test(
  'a group is moved alone: its calls are re-INVITEd, the others are left as they are',
  async () => {
    const fleet = await LocalFleet.start({
      shards: 6,
      spec: `  routes:
    - { from: public, match: { requestUri: "gold-*" }, to: phones, via: internal, shardGroup: gold }
    - { from: public, to: phones, via: internal }`,
      documents: `---
apiVersion: sip.rehome.dev/v1alpha1
kind: DialogShard
metadata: { name: gold }
spec: { clusterRef: edge, tag: gold, group: gold }`,
    });
    try {
      const plain = await fleet.hold(9);
      const through = (await fleet.pods()).map(({ status }) => ({
        address: status?.podIP ?? '',
        port: 5060,
      }));
      const gold = await fleet.phones.place(6, { through, perSecond: 50, name: 'gold' });
      const shard = async (): Promise<{ owner?: string; dialogs?: number } | undefined> =>
        (await fleet.cluster.shards()).find(({ metadata }) => metadata.name === 'gold')?.status;
      await until(async () => (await shard())?.dialogs === 6, TIMEOUT_MS, 'the group to be counted');
      const from = await fleet.pod((await shard())?.owner ?? '');
      const to = (await fleet.pods()).find(({ metadata }) => metadata.name !== from.metadata.name);
      if (to === undefined) throw new Error('no other pod');
      expect(fleet.at(gold, [from])).toHaveLength(6);
      const faults = await fleet.faultsWhile([...plain, ...gold], async () => {
        await fleet.rehome('move', 'gold', to.metadata.name);
        await fleet.untilAway(gold, [from]);
      });
      expect(faults).toEqual([]);
      expect(fleet.at(gold, [to])).toHaveLength(6);
      const asked = plain.flatMap((call) => TALK_ENDS.map((end) => call[end].ledger.reinvites().length));
      expect(new Set(asked)).toEqual(new Set([0]));
    } finally {
      await fleet.stop();
    }
  },
  TIMEOUT_MS,
);

test(
  'all pods are killed at once: their calls are lost, and service is back under higher epochs',
  async () => {
    const fleet = await LocalFleet.start();
    try {
      const lost = await fleet.hold(6);
      const before = await fleet.look();
      const epochOf = new Map(
        before.shards.map(({ metadata, status }) => [metadata.name, status?.epoch ?? 0]),
      );
      await Promise.all(before.pods.map(({ metadata }) => fleet.rehome('kill', metadata.name)));
      const isNewer = async (): Promise<boolean> =>
        (await fleet.look()).shards.every(
          ({ metadata, status }) => (status?.epoch ?? 0) > (epochOf.get(metadata.name) ?? 0),
        );
      await until(isNewer, TIMEOUT_MS, 'every tag to be owned in a higher epoch');
      await fleet.settled(3);
      const [call] = lost;
      expect((await call?.caller.request('INFO'))?.status).toBe(481);
      const fresh = await fleet.hold(6);
      expect(await fleet.useAll(fresh)).toEqual([]);
    } finally {
      await fleet.stop();
    }
  },
  TIMEOUT_MS,
);
