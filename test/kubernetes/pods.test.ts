import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { pause } from '../../src/local/until.ts';
import { E2eCluster } from './e2e-cluster.ts';
import { kubectlWith, tryKubectl } from './kubectl.ts';
import { removeTools, signalPod, toolsOn } from './node-tools.ts';
import { faultsWhile } from './scene.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 400_000;
const DELETE_MS = 150_000;
const REPLICAS = 3;

describe('pods that go, with calls that talk', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('pods');
    for (const node of cluster.nodes) await toolsOn(node);
  }, START_MS);

  afterAll(async () => {
    await removeTools();
    await cluster.stop();
  }, START_MS);

  async function somePod(): Promise<Pod> {
    const [pod] = await cluster.pods();
    if (pod === undefined) throw new Error('there are no pods');
    return pod;
  }

  async function deletePods(...args: string[]): Promise<void> {
    await kubectlWith({ timeoutMs: DELETE_MS }, 'delete', 'pod', '-n', cluster.namespace, ...args);
  }

  test(
    'kubectl delete pod: its calls are moved first, none notices, and no new call fails',
    async () => {
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        const pod = await somePod();
        await deletePods(pod.metadata.name);
        await scene.untilAway([pod]);
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl delete pod --grace-period=0 --force: every call goes on',
    async () => {
      const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
        const pod = await somePod();
        await scene.noteDeath(pod);
        await deletePods(pod.metadata.name, '--grace-period=0', '--force');
        await scene.untilTakenOver([pod]);
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'kill -9 of the process: every call goes on, and the pod gets a share again',
    async () => {
      const pod = await somePod();
      const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
        await scene.noteDeath(pod);
        await signalPod(processOf(pod), 'SIGKILL');
        await scene.untilTakenOver([pod]);
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      expect((await cluster.pods()).map(({ metadata }) => metadata.uid)).toContain(pod.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test.each([1, 10])(
    'a process that stands still for %d s, so that its readiness fails: every call goes on, and the pod stays',
    async (seconds) => {
      const pod = await somePod();
      const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
        await scene.noteDeath(pod);
        await signalPod(processOf(pod), 'SIGSTOP');
        await pause(seconds * 1000);
        await signalPod(processOf(pod), 'SIGCONT');
        scene.noteRevival();
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      const same = (await cluster.pods()).find(({ metadata }) => metadata.uid === pod.metadata.uid);
      expect(restartsOf(same)).toEqual(restartsOf(pod));
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl delete pod --all: calls are handed from pod to new pod, and none notices',
    async () => {
      const before = await cluster.pods();
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        const names = before.map(({ metadata }) => metadata.name);
        await deletePods(...names);
        await scene.untilAway(before);
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      const old = await tryKubectl(
        'get',
        'pods',
        '-n',
        cluster.namespace,
        ...before.map(({ metadata }) => metadata.name),
      );
      for (const { metadata } of before) expect(old.stdout).not.toContain(metadata.uid);
    },
    TIMEOUT_MS,
  );
});

/** Where its process is found. */
function processOf({ metadata, spec }: Pod): { uid: string; node: string } {
  return { uid: metadata.uid ?? '', node: spec.nodeName ?? '' };
}

function restartsOf(pod: Pod | undefined): number[] | undefined {
  return pod?.status?.containerStatuses?.map(({ restartCount }) => restartCount);
}
