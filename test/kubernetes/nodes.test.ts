import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { pause, until } from '../../src/local/until.ts';
import { E2eCluster } from './e2e-cluster.ts';
import { kubectl, tryKubectl } from './kubectl.ts';
import { doToNode, nodeReady, nodesCan } from './nodes.ts';
import { faultsWhile, Scene } from './scene.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 600_000;
const GONE_MS = 400_000;
const HARM_SHOWS_MS = 20_000;
const REPLICAS = 3;

const withPower = nodesCan('kill', 'start') ? describe : describe.skip;
const withLink = nodesCan('cut', 'heal') ? describe : describe.skip;

describe('nodes that are lost, with calls that talk', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('nodes');
  }, START_MS);

  afterAll(async () => {
    for (const node of cluster.spareNodes(0)) await bringBack(node);
    await cluster.stop();
  }, START_MS);

  /** A test that failed may have left it off. */
  async function bringBack(node: string): Promise<void> {
    for (const command of ['start', 'heal'] as const)
      if (nodesCan(command)) await doToNode(command, node).catch(() => undefined);
  }

  async function podsOn(...nodes: string[]): Promise<Pod[]> {
    return (await cluster.pods()).filter(({ spec }) => nodes.includes(spec.nodeName ?? ''));
  }

  /** A node with a pod that is not the phones'. */
  async function victim(): Promise<string> {
    const node = (await podsOn(...cluster.spareNodes(1)))[0]?.spec.nodeName;
    if (node === undefined) throw new Error('no pod is on a node that may be lost');
    return node;
  }

  withPower('with REHOME_E2E_NODE_KILL and _START', () => {
    test(
      'a node lost with its pods, which stay in the API: calls go on, and the pods are replaced',
      async () => {
        const node = await victim();
        const lost = await podsOn(node);
        const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
          await scene.noteDeath(...lost);
          await doToNode('kill', node);
          await scene.untilTakenOver(lost);
          await nodeReady(node, false);
          await cluster.settled(REPLICAS);
          expect(await podsOn(node)).toEqual([]);
        });
        expect(faults).toEqual([]);
        await doToNode('start', node);
        await nodeReady(node, true);
      },
      TIMEOUT_MS,
    );
  });

  withLink('with REHOME_E2E_NODE_CUT and _HEAL', () => {
    /** A node with pods that carry calls, none of which has another pod of the three beside it: two would be a majority. */
    async function lonely(): Promise<{ node: string; cut: Pod[] }> {
      await cluster.settled(REPLICAS);
      await cluster.spread(REPLICAS);
      const node = await victim();
      return { node, cut: await podsOn(node) };
    }

    /** Takes the objects of pods out of the API, whatever their kubelet does. */
    async function forget(pods: readonly Pod[]): Promise<void> {
      const names = pods.map(({ metadata }) => metadata.name);
      await tryKubectl('delete', 'pod', ...names, '-n', cluster.namespace, '--grace-period=0', '--force');
      const uids = (await cluster.look()).pods.map(({ metadata }) => metadata.uid);
      expect(pods.filter(({ metadata }) => uids.includes(metadata.uid))).toEqual([]);
    }

    /** Mends the link, and waits for what the processes that were cut off may do to the calls. */
    async function heal(node: string): Promise<void> {
      await doToNode('heal', node);
      await nodeReady(node, true);
      await pause(HARM_SHOWS_MS);
      await cluster.settled(REPLICAS);
    }

    afterEach(async () => {
      for (const node of cluster.spareNodes(0)) await doToNode('heal', node).catch(() => undefined);
    }, START_MS);

    test(
      'a node cut off while its pod lives on, which is replaced and its object removed: once healed, the old process does no call any harm',
      async () => {
        const { node, cut } = await lonely();
        const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
          await scene.noteDeath(...cut);
          await doToNode('cut', node);
          await scene.untilTakenOver(cut);
          await nodeReady(node, false);
          await forget(cut);
          await cluster.settled(REPLICAS);
          await heal(node);
        });
        expect(faults).toEqual([]);
        expect(await faultsWhile(cluster, {}, () => pause(HARM_SHOWS_MS))).toEqual([]);
      },
      TIMEOUT_MS,
    );

    test(
      'a node cut off, the object of its pod removed at once, and the node healed before Kubernetes misses it: no harm either',
      async () => {
        const { node, cut } = await lonely();
        const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
          await scene.noteDeath(...cut);
          await doToNode('cut', node);
          await forget(cut);
          await scene.untilTakenOver(cut);
          await heal(node);
        });
        expect(faults).toEqual([]);
        expect(await faultsWhile(cluster, {}, () => pause(HARM_SHOWS_MS))).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });

  withPower('with REHOME_E2E_NODE_KILL and _START', () => {
    test(
      'two of three nodes lost for good: calls go on once their nodes are gone from the API, and new calls come up',
      async () => {
        await cluster.settled(REPLICAS);
        const nodes = cluster.spareNodes(2);
        const lost = await podsOn(...nodes);
        const scene = await Scene.open(cluster, { freshPerSecond: 0 });
        await Promise.all(nodes.map((node) => doToNode('kill', node)));
        for (const node of nodes) await nodeReady(node, false);
        for (const node of nodes) await kubectl('delete', 'node', node);
        await scene.untilAway(lost);
        await cluster.settled(REPLICAS);
        const settledMs = (await scene.ledger()).nowMs;
        await pause(HARM_SHOWS_MS);
        // While no majority was there, requests could go unanswered; no call may have ended, or be told that it has.
        const calls = (await scene.close()).ledgers.flatMap((ledger) => ledger.calls);
        const ends = calls.flatMap((call) => Object.values(call.ends ?? {}));
        expect(ends).toHaveLength(2 * calls.length);
        expect(ends.flatMap(({ byesReceived }) => byesReceived)).toEqual([]);
        const lostRequests = ends.flatMap((end) => end.lost);
        expect(lostRequests.filter(({ status, atMs }) => status === 481 || atMs > settledMs)).toEqual([]);
        expect(calls.flatMap(({ hangUpFaults }) => hangUpFaults)).toEqual([]);
        expect(await faultsWhile(cluster, {}, () => pause(HARM_SHOWS_MS))).toEqual([]);
        for (const node of nodes) await doToNode('start', node);
        await until(
          async () =>
            (await Promise.all(nodes.map((node) => tryKubectl('get', 'node', node)))).every(
              ({ code }) => code === 0,
            ),
          GONE_MS,
          'the nodes to come back',
        );
        for (const node of nodes) await nodeReady(node, true);
      },
      TIMEOUT_MS,
    );
  });
});
