import { describe, expect, it } from '@jest/globals';
import { said, settled } from './settled.ts';
import { SimDisruption } from './sim-disruption.ts';
import { newNode } from './sim-pod.ts';
import type { SimulatedCluster } from './world.ts';

const LIMIT_TICKS = 400;

interface Outcome {
  /** The fewest ready pods, and the most pods that were going, at any time. */
  fewestReady: number;
  mostGoing: number;
  /** Whether both nodes came to be empty. */
  empty: boolean;
}

/** `kubectl drain` of nodes: cordons, then asks to evict each pod there, again and again, until none is left. */
function drain(cluster: SimulatedCluster, nodes: readonly string[], lagTicks: number): Outcome {
  const controller = new SimDisruption(lagTicks);
  const outcome: Outcome = { fewestReady: Infinity, mostGoing: 0, empty: false };
  const minAvailable = (): number => cluster.budget?.minAvailable ?? 0;
  for (let tick = 0; tick <= lagTicks; tick++) controller.look(cluster.pods, minAvailable());
  for (const name of nodes) cluster.node(name).unschedulable = true;
  const there = (): string[] =>
    cluster.pods.filter(({ node }) => nodes.includes(node)).map(({ metadata }) => metadata.name);
  for (let tick = 0; tick < LIMIT_TICKS && !outcome.empty; tick++) {
    for (const name of there())
      if (controller.allows(cluster.pod(name), minAvailable())) cluster.delete(name);
    const going = cluster.pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
    outcome.mostGoing = Math.max(outcome.mostGoing, going);
    cluster.perform(cluster.plan());
    cluster.tick();
    controller.look(cluster.pods, minAvailable());
    outcome.fewestReady = Math.min(outcome.fewestReady, cluster.pods.filter((pod) => pod.ready).length);
    outcome.empty = there().length === 0;
  }
  return outcome;
}

describe('nodes that are drained', () => {
  it.each([
    [1, 0],
    [1, 1],
    [1, 5],
    [0, 0],
    [0, 5],
  ])('two at a time have one pod go after the other (surge %i, controller late by %i)', (maxSurge, lag) => {
    const cluster = settled({ rollout: { maxSurge } });
    for (const tag of cluster.tags.values()) tag.dialogs = 10;
    expect(drain(cluster, ['n1', 'n2'], lag)).toEqual({ fewestReady: 2, mostGoing: 1, empty: true });
    cluster.settle();
    expect(cluster.pods.every(({ node }) => node === 'n3')).toBe(true);
    for (const tag of cluster.tags.values()) expect(tag.dialogs).toBe(10);
    expect(said(cluster)['CallsLost']).toBeUndefined();
  });

  it('are those with a taint that the spec names', () => {
    const cluster = settled({ drain: { taints: ['example.com/maintenance'] } });
    cluster.node('n1').taints = ['karpenter.sh/disrupted'];
    cluster.settle();
    expect(cluster.pods.some(({ node }) => node === 'n1')).toBe(true);
    cluster.node('n1').taints = ['example.com/maintenance'];
    cluster.settle();
    expect(cluster.pods.some(({ node }) => node === 'n1')).toBe(false);
  });

  it('say in the status who waits for whom', () => {
    const cluster = settled();
    for (const name of ['n1', 'n2']) cluster.node(name).unschedulable = true;
    cluster.run(1);
    const [first, second] = cluster.status?.pods ?? [];
    expect(first).toMatchObject({ phase: 'Leaving', cause: 'NodeCordoned' });
    expect(second?.reason).toBe('it takes calls; its node is cordoned, and edge-0 goes first');
    expect(second?.phase).toBe('Ready');
  });

  it('wait without surge for one that is only cordoned, and say how that ends', () => {
    const cluster = settled({ rollout: { maxSurge: 0 } });
    cluster.node('n1').unschedulable = true;
    cluster.settle();
    expect(drain(cluster, ['n2'], 0)).toMatchObject({ mostGoing: 0, empty: false });
    expect(cluster.status?.pods[1]?.reason).toBe(
      'it takes calls; its node is cordoned, and edge-0 goes first: it is empty, and stays until it is evicted',
    );
    cluster.node('n1').unschedulable = false;
    expect(drain(cluster, ['n2'], 0)).toMatchObject({ mostGoing: 1, empty: true });
  });

  it('give nothing to a pod that will have to go', () => {
    const cluster = settled();
    for (const name of ['n1', 'n2']) cluster.node(name).unschedulable = true;
    const second = cluster.owned()['edge-1']?.length;
    cluster.run(6);
    expect(cluster.owned()['edge-1']).toHaveLength(second ?? 0);
  });

  it('that are uncordoned in time keep their pods', () => {
    const cluster = settled();
    for (const name of ['n1', 'n2']) cluster.node(name).unschedulable = true;
    cluster.run(1);
    for (const name of ['n1', 'n2']) cluster.node(name).unschedulable = false;
    cluster.settle();
    expect(cluster.pods).toHaveLength(3);
    expect(cluster.status?.phase).toBe('Ready');
  });
});

describe('a node that is drained while another is lost for good', () => {
  function lostWithoutRoom(): SimulatedCluster {
    const cluster = settled();
    cluster.scheduler.apart = true;
    cluster.cutOff('edge-2');
    cluster.settle(300);
    expect(cluster.pod('edge-3').node).toBe('');
    return cluster;
  }

  it('keeps its pod: without it the one that is left could not act for any call', () => {
    const cluster = lostWithoutRoom();
    expect(drain(cluster, [cluster.pod('edge-0').node], 0)).toMatchObject({ mostGoing: 0, empty: false });
    const status = cluster.status?.pods.find(({ name }) => name === 'edge-0');
    expect(status).toMatchObject({ phase: 'Ready' });
    expect(status?.reason).toContain('without it no majority of the voters would be alive');
    expect(cluster.status?.conditions.find(({ type }) => type === 'Quorum')?.status).toBe('True');
  });

  it('is empty in the end when there is room again, or when fewer pods are wanted', () => {
    for (const mend of [
      (cluster: SimulatedCluster): void => {
        cluster.nodes.push(newNode('n4'));
      },
      (cluster: SimulatedCluster): void => {
        cluster.change({ replicas: 2 });
      },
    ]) {
      const cluster = lostWithoutRoom();
      mend(cluster);
      expect(drain(cluster, [cluster.pod('edge-0').node], 0)).toMatchObject({ empty: true });
      expect(cluster.status?.roster?.generation).toBe(1);
    }
  });
});

describe('the budget for disruptions', () => {
  it('allows nothing while there is a pod more than wanted, which may be ready at any time', () => {
    const cluster = settled();
    cluster.change({ image: 'rehome:0.2.0' });
    const seen = new Set<string>();
    cluster.settle(300, (world) => {
      const ready = world.pods.filter((pod) => pod.ready).length;
      const allowed = ready - (world.budget?.minAvailable ?? 0);
      seen.add(`${ready} ready, ${Math.max(0, allowed)} may go`);
    });
    expect([...seen].filter((each) => each.startsWith('4'))).toEqual(['4 ready, 0 may go']);
  });
});
