import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { isReady, ownedBy, stayingPods } from '../../src/local/demo-view.ts';
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
const UNREADY_MS = 100_000;
const COUNT_EVERY_MS = 500;

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
    const spare = cluster.spareNodes(1);
    const pods = (await cluster.pods()).filter(({ spec }) => spare.includes(spec.nodeName ?? ''));
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
      const nodes = cluster.spareNodes(2).slice(0, 2);
      // What was drained before may have left them empty.
      await cluster.spread(REPLICAS);
      const there = (await cluster.pods()).filter(({ spec }) => nodes.includes(spec.nodeName ?? ''));
      expect(new Set(there.map(({ spec }) => spec.nodeName))).toEqual(new Set(nodes));
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        const least = await leastReadyWhile(cluster, async () => {
          await Promise.all(nodes.map((node) => drain(node)));
        });
        expect(least).toBeGreaterThanOrEqual(REPLICAS - 1);
        await scene.untilAway(there);
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

  test.each([1, 10])(
    'a pod that Kubernetes alone calls unready for %d s is left alone: no call notices, no new call fails, no tag moves',
    async (seconds) => {
      await cluster.settled(REPLICAS);
      const pod = await busiest();
      const before = await cluster.owners();
      const faults = await faultsWhile(cluster, {}, async () => {
        const unready = UnreadyPod.make(cluster.namespace, pod.metadata.name);
        await pause(seconds * 1000);
        await unready.undo();
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      expect(await cluster.owners()).toEqual(before);
    },
    TIMEOUT_MS,
  );

  test(
    'a pod that Kubernetes alone calls unready for 100 s: the operator says so and empties it, no call notices, and the pod lives',
    async () => {
      const pod = await busiest();
      const faults = await faultsWhile(cluster, {}, async (scene) => {
        const unready = UnreadyPod.make(cluster.namespace, pod.metadata.name);
        try {
          await Promise.all([pause(UNREADY_MS), scene.untilAway([pod], UNREADY_MS)]);
        } finally {
          await unready.undo();
        }
        await cluster.settled(REPLICAS);
      });
      expect(faults).toEqual([]);
      expect(await kubectl('get', 'events', '-n', cluster.namespace)).toContain('EvidenceDisagrees');
      const same = (await cluster.pods()).find(({ metadata }) => metadata.uid === pod.metadata.uid);
      expect(same?.status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0]);
    },
    TIMEOUT_MS,
  );

  /** The pod with the most tags. */
  async function busiest(): Promise<Pod> {
    const [pod] = await cluster.pods();
    if (pod === undefined) throw new Error('no pod');
    return pod;
  }
});

/** How many pods were ready, and nobody was deleting them, at the moment when they were fewest. */
async function leastReadyWhile(cluster: E2eCluster, act: () => Promise<void>): Promise<number> {
  let least = Infinity;
  const over = new AbortController();
  const counting = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      // A look that fails sees nothing.
      const view = await cluster.look().catch(() => undefined);
      if (view !== undefined) least = Math.min(least, stayingPods(view).filter(isReady).length);
      await pause(COUNT_EVERY_MS);
    }
  })();
  await act().finally(() => {
    over.abort();
  });
  await counting;
  return least;
}
