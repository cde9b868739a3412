import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import type { TalkCall } from '../../src/local/talk.ts';
import { pause, until } from '../../src/local/until.ts';
import { ClusterFleet } from './cluster-fleet.ts';

const START_MS = 240_000;
const TIMEOUT_MS = 240_000;
const CALLS = 24;
const TALK_MS = 1000;

describe('an operator with the chart’s rights on a real API server', () => {
  let fleet: ClusterFleet;
  let calls: TalkCall[];

  beforeAll(async () => {
    fleet = await ClusterFleet.start({ nodes: 4, spec: '  failover: { suspectAfter: 6s }' });
    calls = await fleet.hold(CALLS);
  }, START_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  async function anyPod(): Promise<Pod> {
    const [pod] = await fleet.pods();
    if (pod === undefined) throw new Error('there are no pods');
    return pod;
  }

  /** Every pod is another one than these, and there are so many. */
  function untilReplaced(old: readonly Pod[], what: string): Promise<void> {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    const isReplaced = async (): Promise<boolean> =>
      (await fleet.pods()).every(({ metadata }) => !uids.has(metadata.uid));
    return until(isReplaced, TIMEOUT_MS, what);
  }

  test(
    'kill -9 of a pod: its calls go on elsewhere, and the pod comes back and gets a share',
    async () => {
      const pod = await anyPod();
      const hit = fleet.at(calls, [pod]);
      const faults = await fleet.faultsWhile(calls, async () => {
        await pause(TALK_MS);
        fleet.noteDeath(hit);
        fleet.kill(pod.metadata.uid ?? '');
        await fleet.untilAway(hit, [pod]);
        await fleet.settled(3);
      });
      expect(hit.length).toBeGreaterThan(0);
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl drain of a node: its pod is emptied, evicted and made elsewhere',
    async () => {
      const pod = await anyPod();
      const node = pod.spec.nodeName ?? '';
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s');
        await untilGone(pod);
        await fleet.settled(3);
        await fleet.kubectl('uncordon', node);
      });
      expect(faults).toEqual([]);
      expect((await fleet.pods()).map(({ spec }) => spec.nodeName)).not.toContain(node);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  function untilGone({ metadata }: Pod): Promise<void> {
    return until(
      async () => !(await fleet.look()).pods.some((other) => other.metadata.uid === metadata.uid),
      TIMEOUT_MS,
      `${metadata.name} to go`,
    );
  }

  test(
    'kubectl scale to 4 and back to 3',
    async () => {
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
        await fleet.settled(4);
        await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'another image: every pod is replaced, one at a time',
    async () => {
      const before = await fleet.pods();
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.kubectl(
          'patch',
          'sipcluster/edge',
          '--type=merge',
          '-p',
          '{"spec":{"image":"rehome:next"}}',
        );
        await untilReplaced(before, 'every pod to be replaced');
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(fleet.at(calls, await fleet.pods())).toHaveLength(CALLS);
      expect(await fleet.useAll(calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
