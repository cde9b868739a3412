import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/kube/objects.ts';
import type { TalkCall } from '../../../src/local/talk.ts';
import { until } from '../../../src/local/until.ts';
import { LocalFleet } from './local-fleet.ts';

const START_MS = 120_000;
const TIMEOUT_MS = 240_000;
const CALLS = 12;

describe('the operator is killed three times during a change, and the change comes to its end', () => {
  let fleet: LocalFleet;
  let calls: TalkCall[];

  // One each: a pod that is killed again and again waits longer each time until it is started.
  beforeEach(async () => {
    fleet = await LocalFleet.start({ nodes: 4 });
    calls = await fleet.hold(CALLS);
  }, START_MS);

  afterEach(async () => {
    await fleet.stop();
  });

  /** Kills it at a moment, and waits for its successor. */
  async function killedWhen(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    await until(isSo, TIMEOUT_MS, what);
    await fleet.killOperator();
    await fleet.untilLed();
  }

  async function replaced(uids: ReadonlySet<string | undefined>): Promise<Pod[]> {
    return (await fleet.cluster.pods()).filter(({ metadata }) => !uids.has(metadata.uid));
  }

  async function isOwner(name: string): Promise<boolean> {
    return (await fleet.tagsOf(name)).length > 0;
  }

  /** What was there before a change. */
  async function uidsNow(): Promise<Set<string | undefined>> {
    return new Set((await fleet.pods()).map(({ metadata }) => metadata.uid));
  }

  test(
    'scale-out: when it is ordered, when the pod is there, and when its first tag has come',
    async () => {
      const before = await uidsNow();
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.rehome('scale', 'sipcluster/edge', '--replicas', '4');
        await killedWhen('the order', () => true);
        await killedWhen('the pod', async () => (await replaced(before)).length === 1);
        await killedWhen('its first tag', () => isOwner('edge-3'));
        await fleet.settled(4);
      });
      expect(faults).toEqual([]);
      const after = await uidsNow();
      expect(after.size).toBe(4);
      expect([...before].every((uid) => after.has(uid))).toBe(true);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'rollout: when it is ordered, when the first new pod is there, and when the first old one goes',
    async () => {
      const before = await uidsNow();
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.apply({ spec: '  image: rehome:next' });
        await killedWhen('the order', () => true);
        await killedWhen('the first new pod', async () => (await replaced(before)).length > 0);
        await killedWhen('the first old pod to go', async () =>
          [...before].some(isGoing(await fleet.cluster.pods())),
        );
        await until(
          async () => (await replaced(before)).length === 3 && (await fleet.pods()).length === 3,
          TIMEOUT_MS,
          'every pod to be replaced',
        );
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      const after = await uidsNow();
      expect([...before].some((uid) => after.has(uid))).toBe(false);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
      expect(await fleet.useAll(calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** Whether the pod of this uid is being deleted, or gone. */
function isGoing(pods: readonly Pod[]): (uid: string | undefined) => boolean {
  return (uid) => {
    const pod = pods.find(({ metadata }) => metadata.uid === uid);
    return pod === undefined || pod.metadata.deletionTimestamp !== undefined;
  };
}
