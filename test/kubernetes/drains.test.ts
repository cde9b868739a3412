import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { ownedBy } from '../../src/local/demo-view.ts';
import { pause, until } from '../../src/local/until.ts';
import { E2eCluster } from './e2e-cluster.ts';
import { kubectl, kubectlWith } from './kubectl.ts';
import { removeTools } from './node-tools.ts';
import { faultsWhile } from './scene.ts';
import { UnreadyPod } from './unready-pod.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 500_000;
const DRAIN_MS = 240_000;
const REPLICAS = 3;
const SEES_MS = 60_000;

describe('nodes and pods that are emptied while calls talk', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    await removeTools();
    cluster = await E2eCluster.start('drains');
  }, START_MS);

  afterAll(async () => {
    await uncordon();
    await cluster.stop();
  }, START_MS);

  async function uncordon(): Promise<void> {
    await kubectl('uncordon', ...cluster.nodes);
  }

  async function drain(node: string): Promise<void> {
    await kubectlWith(
      { timeoutMs: DRAIN_MS },
      ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=230s'],
    );
  }

  /** Pods on nodes that may be emptied: the phones' node may not. */
  async function drainable(): Promise<Pod[]> {
    const [phones, ...others] = cluster.nodes;
    const pods = (await cluster.pods()).filter(({ spec }) => others.includes(spec.nodeName ?? phones ?? ''));
    if (pods.length === 0) throw new Error('no pod is on a node that may be emptied');
    return pods;
  }

  async function tagsOf(pod: Pod): Promise<number> {
    return ownedBy(await cluster.look(), pod.metadata.name).length;
  }

  test(
    'kubectl drain of a node: the command ends when its pods are gone, no call notices and no new call fails',
    async () => {
      const [pod] = await drainable();
      const node = pod?.spec.nodeName ?? '';
      const there = (await drainable()).filter(({ spec }) => spec.nodeName === node);
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        await drain(node);
        await scene.untilAway(there);
        const now = await cluster.pods();
        expect(now.filter(({ spec }) => spec.nodeName === node)).toEqual([]);
        await cluster.settled(REPLICAS);
        await uncordon();
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl drain of two nodes at once: the second waits for the first, and no call notices',
    async () => {
      const nodes = cluster.nodes.slice(1, 3);
      expect(nodes).toHaveLength(2);
      const before = await cluster.pods();
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        await Promise.all(nodes.map((node) => drain(node)));
        await scene.untilAway(before.filter(({ spec }) => nodes.includes(spec.nodeName ?? '')));
        await cluster.settled(REPLICAS);
        await uncordon();
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'cordon of a node, taken back half-way: calls are consistent, and the pod stays',
    async () => {
      // What was drained before may have left all pods on one node.
      await cluster.spread(REPLICAS);
      const [pod] = await drainable();
      if (pod === undefined) throw new Error('no pod');
      const node = pod.spec.nodeName ?? '';
      const tags = await tagsOf(pod);
      const faults = await faultsWhile(cluster, {}, async () => {
        await kubectl('cordon', node);
        await until(async () => (await tagsOf(pod)) < tags, SEES_MS, 'the first tag to leave');
        await uncordon();
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each([1, 10, 100])(
    'a pod that Kubernetes alone calls unready for %d s: no call notices, no new call fails, and the pod stays',
    async (seconds) => {
      const [pod] = await cluster.pods();
      if (pod === undefined) throw new Error('no pod');
      const faults = await faultsWhile(cluster, {}, async () => {
        const unready = UnreadyPod.make(cluster.namespace, pod.metadata.name);
        await pause(seconds * 1000);
        await unready.undo();
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      const same = (await cluster.pods()).find(({ metadata }) => metadata.uid === pod.metadata.uid);
      expect(same?.status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0]);
    },
    TIMEOUT_MS,
  );

  test('the operator says of a pod that calls itself ready, and is not for its kubelet, that they disagree', async () => {
    const events = await kubectl('get', 'events', '-n', cluster.namespace);
    expect(events).toContain('EvidenceDisagrees');
  });
});
