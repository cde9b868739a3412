import { beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../../src/local/until.ts';
import { openScene } from './local-scene.ts';

const TIMEOUT_MS = 180_000;
const CALLS = 30;

describe('planned moves of talking calls on three pods lose nothing', () => {
  const scene = openScene(CALLS);

  beforeEach(async () => {
    await scene.fleet.settled(3);
  }, TIMEOUT_MS);

  test(
    'cordon of a pod: all its calls go, new calls go elsewhere, and it gets a share back',
    async () => {
      const pod = await scene.busiest();
      const { name } = pod.metadata;
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.rehome('cordon', `pod/${name}`);
        await scene.fleet.untilAway(scene.calls, [pod]);
        const fresh = await scene.fleet.hold(3, [pod]);
        await scene.fleet.untilAway(fresh, [pod]);
        expect(await scene.fleet.useAll(fresh)).toEqual([]);
        expect(await scene.fleet.tagsOf(name)).toEqual([]);
        await scene.fleet.rehome('uncordon', `pod/${name}`);
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'cordon of a node, taken back half-way, leaves everything consistent',
    async () => {
      const pod = await scene.busiest();
      const node = pod.spec.nodeName ?? '';
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.rehome('cordon', node);
        const before = scene.fleet.at(scene.calls, [pod]).length;
        await until(
          () => scene.fleet.at(scene.calls, [pod]).length < before,
          TIMEOUT_MS,
          'the first call to leave',
        );
        await scene.fleet.rehome('uncordon', node);
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'by hand: one tag goes where it is told, and its calls alone',
    async () => {
      const [one, other] = await scene.fleet.pods();
      if (one === undefined || other === undefined) throw new Error('no pods');
      const from = scene.fleet.at(scene.calls, [one]);
      const elsewhere = scene.calls.filter((call) => !from.includes(call));
      const asked = elsewhere.map(({ caller }) => caller.ledger.reinvites().length);
      const [shard] = (await scene.fleet.tagsOf(one.metadata.name)).toSorted(
        (left, right) => (right.status?.dialogs ?? 0) - (left.status?.dialogs ?? 0),
      );
      const name = shard?.metadata.name ?? '';
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.rehome('move', name, other.metadata.name);
        await until(
          async () =>
            (await scene.fleet.tagsOf(other.metadata.name)).some(({ metadata }) => metadata.name === name),
          TIMEOUT_MS,
          `${name} to be at ${other.metadata.name}`,
        );
      });
      expect(faults).toEqual([]);
      expect(elsewhere.map(({ caller }) => caller.ledger.reinvites().length)).toEqual(asked);
    },
    TIMEOUT_MS,
  );

  test(
    'delete of a pod: its calls are moved first, and another takes its place',
    async () => {
      const pod = await scene.busiest();
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        const deleted = scene.fleet.rehome('delete', 'pod', pod.metadata.name);
        await scene.fleet.untilAway(scene.calls, [pod]);
        await deleted;
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect((await scene.fleet.pods()).map(({ metadata }) => metadata.uid)).not.toContain(pod.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test(
    'drain of a node: the command ends when the pod is gone, and no call noticed',
    async () => {
      const pod = await scene.busiest();
      const node = pod.spec.nodeName ?? '';
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        const written = await scene.fleet.rehome('drain', node);
        expect(written).toContain(pod.metadata.name);
        await scene.fleet.untilAway(scene.calls, [pod]);
      });
      await scene.fleet.rehome('uncordon', node);
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'nothing was wrong with any call at its end',
    async () => {
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
      const errors = scene.calls.flatMap(({ caller, callee }) => [
        ...caller.ledger.errors,
        ...callee.ledger.errors,
      ]);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
