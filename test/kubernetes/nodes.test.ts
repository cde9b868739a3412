import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import { pause, until } from '../../src/local/until.ts';
import { E2eCluster } from './e2e-cluster.ts';
import { kubectl, tryKubectl } from './kubectl.ts';
import { doToNode, nodeReady, nodesCan } from './nodes.ts';
import { faultsWhile, Scene } from './scene.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 600_000;
const GONE_MS = 400_000;
const HARM_SHOWS_MS = 10_000;
const REPLICAS = 3;

const withPower = nodesCan('kill', 'start') ? describe : describe.skip;
const withLink = nodesCan('cut', 'heal') ? describe : describe.skip;

describe('nodes that are lost, with calls that talk', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('nodes');
  }, START_MS);

  afterAll(async () => {
    for (const node of cluster.nodes.slice(1)) await bringBack(node);
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
    const node = (await podsOn(...cluster.nodes.slice(1)))[0]?.spec.nodeName;
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
          for (const pod of lost) scene.noteDeath(pod);
          await doToNode('kill', node);
          await scene.untilAway(lost);
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
    test(
      'a node cut off while its pod lives on, replaced and healed: the old process does no call any harm',
      async () => {
        await cluster.settled(REPLICAS);
        // Two of three pods on one node would be a majority that is lost with it.
        await cluster.spread(REPLICAS);
        const node = await victim();
        const cut = await podsOn(node);
        const faults = await faultsWhile(cluster, { freshPerSecond: 0 }, async (scene) => {
          for (const pod of cut) scene.noteDeath(pod);
          await doToNode('cut', node);
          await scene.untilAway(cut);
          await nodeReady(node, false);
          for (const { metadata } of cut)
            await tryKubectl(
              'delete',
              'pod',
              metadata.name,
              '-n',
              cluster.namespace,
              '--grace-period=0',
              '--force',
            );
          await cluster.settled(REPLICAS);
          await doToNode('heal', node);
          await nodeReady(node, true);
          await pause(HARM_SHOWS_MS);
          await cluster.settled(REPLICAS);
        });
        expect(faults).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });

  withPower('with REHOME_E2E_NODE_KILL and _START', () => {
    test(
      'two of three nodes lost for good: calls go on once their nodes are gone from the API, and new calls come up',
      async () => {
        await cluster.settled(REPLICAS);
        const [, ...nodes] = cluster.nodes;
        expect(nodes.length).toBeGreaterThanOrEqual(2);
        const lost = await podsOn(...nodes);
        const scene = await Scene.open(cluster, { freshPerSecond: 0 });
        await Promise.all(nodes.map((node) => doToNode('kill', node)));
        for (const node of nodes) await nodeReady(node, false);
        for (const node of nodes) await kubectl('delete', 'node', node);
        await scene.untilAway(lost);
        await cluster.settled(REPLICAS);
        const settledMs = (await scene.ledger()).nowMs;
        await pause(HARM_SHOWS_MS);
        // While no majority was there, requests could go unanswered; no call may have ended.
        const calls = (await scene.close()).ledgers.flatMap((ledger) => ledger.calls);
        const ends = calls.flatMap((call) => Object.values(call.ends ?? {}));
        expect(ends).toHaveLength(2 * calls.length);
        expect(ends.flatMap(({ byesReceived }) => byesReceived)).toEqual([]);
        expect(ends.flatMap((end) => end.lost.filter(({ atMs }) => atMs > settledMs))).toEqual([]);
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
