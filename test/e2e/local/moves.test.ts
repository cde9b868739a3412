import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/kube/objects.ts';
import type { TalkCall } from '../../../src/local/talk.ts';
import { until } from '../../../src/local/until.ts';
import { LocalFleet } from './local-fleet.ts';

const START_MS = 120_000;
const TIMEOUT_MS = 180_000;
const CALLS = 30;

describe('planned moves of talking calls on three pods lose nothing', () => {
  let fleet: LocalFleet;
  let calls: TalkCall[];

  beforeAll(async () => {
    fleet = await LocalFleet.start();
    calls = await fleet.hold(CALLS);
  }, START_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  beforeEach(async () => {
    await fleet.settled(3);
  }, TIMEOUT_MS);

  /** The pod that carries most calls. */
  async function busiest(): Promise<Pod> {
    const pods = await fleet.pods();
    const [most] = pods.toSorted(
      (left, right) => fleet.at(calls, [right]).length - fleet.at(calls, [left]).length,
    );
    if (most === undefined) throw new Error('there are no pods');
    expect(fleet.at(calls, [most]).length).toBeGreaterThan(0);
    return most;
  }

  test(
    'cordon of a pod: all its calls go, new calls go elsewhere, and it gets a share back',
    async () => {
      const pod = await busiest();
      const { name } = pod.metadata;
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.rehome('cordon', `pod/${name}`);
        await fleet.untilAway(calls, [pod]);
        const fresh = await fleet.hold(3, [pod]);
        await fleet.untilAway(fresh, [pod]);
        expect(await fleet.useAll(fresh)).toEqual([]);
        expect(await fleet.tagsOf(name)).toEqual([]);
        await fleet.rehome('uncordon', `pod/${name}`);
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'cordon of a node, taken back half-way, leaves everything consistent',
    async () => {
      const pod = await busiest();
      const node = pod.spec.nodeName ?? '';
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.rehome('cordon', node);
        const before = fleet.at(calls, [pod]).length;
        await until(() => fleet.at(calls, [pod]).length < before, TIMEOUT_MS, 'the first call to leave');
        await fleet.rehome('uncordon', node);
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'by hand: one tag goes where it is told, and its calls alone',
    async () => {
      const [one, other] = await fleet.pods();
      if (one === undefined || other === undefined) throw new Error('no pods');
      const from = fleet.at(calls, [one]);
      const elsewhere = calls.filter((call) => !from.includes(call));
      const asked = elsewhere.map(({ caller }) => caller.ledger.reinvites().length);
      const [shard] = (await fleet.tagsOf(one.metadata.name)).toSorted(
        (left, right) => (right.status?.dialogs ?? 0) - (left.status?.dialogs ?? 0),
      );
      const name = shard?.metadata.name ?? '';
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.rehome('move', name, other.metadata.name);
        await until(
          async () =>
            (await fleet.tagsOf(other.metadata.name)).some(({ metadata }) => metadata.name === name),
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
      const pod = await busiest();
      const faults = await fleet.faultsWhile(calls, async () => {
        const deleted = fleet.rehome('delete', 'pod', pod.metadata.name);
        await fleet.untilAway(calls, [pod]);
        await deleted;
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect((await fleet.pods()).map(({ metadata }) => metadata.uid)).not.toContain(pod.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test(
    'drain of a node: the command ends when the pod is gone, and no call noticed',
    async () => {
      const pod = await busiest();
      const node = pod.spec.nodeName ?? '';
      const faults = await fleet.faultsWhile(calls, async () => {
        const written = await fleet.rehome('drain', node);
        expect(written).toContain(pod.metadata.name);
        await fleet.untilAway(calls, [pod]);
      });
      await fleet.rehome('uncordon', node);
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'nothing was wrong with any call at its end',
    async () => {
      expect(await fleet.useAll(calls)).toEqual([]);
      const errors = calls.flatMap(({ caller, callee }) => [
        ...caller.ledger.errors,
        ...callee.ledger.errors,
      ]);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
