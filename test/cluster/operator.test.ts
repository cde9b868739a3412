import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { pause, until } from '../../src/local/until.ts';
import { CALLS, openScene } from './fleet-scene.ts';

const TIMEOUT_MS = 240_000;
const TALK_MS = 1000;

describe('an operator with the chart’s rights on a real API server', () => {
  const scene = openScene();

  test(
    'kill -9 of a pod: its calls go on elsewhere, and the pod comes back and gets a share',
    async () => {
      const pod = await scene.anyPod();
      const hit = scene.fleet.at(scene.calls, [pod]);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await pause(TALK_MS);
        scene.fleet.noteDeath(hit);
        scene.fleet.kill(pod.metadata.uid ?? '');
        await scene.fleet.untilAway(hit, [pod]);
        await scene.fleet.settled(3);
      });
      expect(hit.length).toBeGreaterThan(0);
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl drain of a node: its pod is emptied, evicted and made elsewhere',
    async () => {
      const pod = await scene.anyPod();
      const node = pod.spec.nodeName ?? '';
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectl(
          'drain',
          node,
          '--ignore-daemonsets',
          '--delete-emptydir-data',
          '--timeout=120s',
        );
        await untilGone(pod);
        await scene.fleet.settled(3);
        await scene.fleet.kubectl('uncordon', node);
      });
      expect(faults).toEqual([]);
      expect((await scene.fleet.pods()).map(({ spec }) => spec.nodeName)).not.toContain(node);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  function untilGone({ metadata }: Pod): Promise<void> {
    return until(
      async () => !(await scene.fleet.look()).pods.some((other) => other.metadata.uid === metadata.uid),
      TIMEOUT_MS,
      `${metadata.name} to go`,
    );
  }

  test(
    'kubectl scale to 4 and back to 3',
    async () => {
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
        await scene.fleet.settled(4);
        await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'another image: every pod is replaced, one at a time',
    async () => {
      const before = await scene.fleet.pods();
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectl(
          'patch',
          'sipcluster/edge',
          '--type=merge',
          '-p',
          '{"spec":{"image":"rehome:next"}}',
        );
        await scene.untilReplaced(before);
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
