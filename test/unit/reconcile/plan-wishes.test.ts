import { describe, expect, it } from '@jest/globals';
import { podNameOf } from '../../../src/api/member-id.ts';
import type { Observed } from '../../../src/reconcile/observed.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import { checkPlan } from './invariants.ts';
import { said, settled } from './settled.ts';
import { TICK_MS } from './world.ts';

describe('a changed template', () => {
  it.each([1, 0])('replaces one pod at a time with maxSurge %i', (maxSurge) => {
    const cluster = settled({ rollout: { maxSurge } });
    said(cluster);
    const before = cluster.pods.map((pod) => pod.metadata.uid);
    cluster.change({ image: 'rehome:next' });
    cluster.settle(600, (world, planned) => {
      checkPlan(world, planned);
      expect(world.pods.length).toBeLessThanOrEqual(3 + maxSurge);
      expect(world.pods.filter((pod) => pod.ready).length).toBeGreaterThanOrEqual(2 + maxSurge);
    });
    expect(cluster.podNames).toHaveLength(3);
    expect(cluster.pods.every((pod) => !before.includes(pod.metadata.uid))).toBe(true);
    expect(cluster.counts().sort()).toEqual([4, 4, 4]);
    expect(said(cluster)).toMatchObject({ RolloutStarted: 1, RolloutFinished: 1 });
  });

  it('is waited for by nobody when routes, targets or pacing change: pods are told', () => {
    const cluster = settled();
    const before = cluster.pods.map((pod) => pod.metadata.uid);
    cluster.change({
      targets: [{ name: 'media', addresses: ['10.9.9.9:5060'] }],
      rehoming: { legsPerSecond: 7 },
    });
    cluster.settle(300, checkPlan);
    expect(cluster.pods.map((pod) => pod.metadata.uid)).toEqual(before);
    for (const pod of cluster.pods)
      expect(pod.state).toMatchObject({ targets: [{ name: 'media' }], rehoming: { legsPerSecond: 7 } });
  });
});

describe('wishes', () => {
  it('by hand move one tag, which stays where it is', () => {
    const cluster = settled();
    said(cluster);
    const tag = cluster.owned()['edge-0']?.[0] ?? '';
    cluster.shard(tag).metadata.annotations = { 'sip.rehome.dev/move-to': 'edge-2' };
    cluster.settle(300, checkPlan);
    expect(cluster.moves).toEqual([{ tag, from: 'edge-0', to: 'edge-2' }]);
    expect(cluster.shard(tag).metadata.annotations).toEqual({});
    expect(cluster.shard(tag).status?.lastMove?.cause).toBe('ByHand');
    expect(said(cluster)).toEqual({ MoveStarted: 1, MoveFinished: 1 });
  });

  it.each(['edge-0', 'edge-1'])('by hand keep the tag on %s though the takeover is told of late', (to) => {
    const cluster = settled();
    cluster.tellsAfterMs = 3 * TICK_MS;
    const tag = cluster.owned()['edge-2']?.[0] ?? '';
    cluster.shard(tag).metadata.annotations = { 'sip.rehome.dev/move-to': to };
    cluster.settle(300, checkPlan);
    expect(cluster.moves).toEqual([{ tag, from: 'edge-2', to }]);
    expect(cluster.shard(tag).status?.lastMove).toMatchObject({ cause: 'ByHand', to });
  });

  it('by hand count for more than preferredPods, until the owner has to go', () => {
    const cluster = settled();
    const shard = cluster.shard('edge-00');
    shard.written = { clusterRef: 'edge', tag: 'edge-00', preferredPods: ['edge-2', 'edge-1'] };
    cluster.settle(300, checkPlan);
    shard.metadata.annotations = { 'sip.rehome.dev/move-to': 'edge-0' };
    cluster.settle(300, checkPlan);
    expect(cluster.owned()['edge-0']).toContain('edge-00');
    cluster.pod('edge-0').metadata.annotations = { 'sip.rehome.dev/cordon': 'by a test' };
    cluster.settle(300, checkPlan);
    expect(cluster.owned()['edge-2']).toContain('edge-00');
  });

  it('by hand that cannot be met are refused, once', () => {
    const cluster = settled();
    said(cluster);
    cluster.shard('edge-03').metadata.annotations = { 'sip.rehome.dev/move-to': 'edge-9' };
    cluster.settle(300, checkPlan);
    expect(cluster.moves).toEqual([]);
    expect(said(cluster)).toEqual({ HandOverRefused: 1 });
  });

  it('of preferredPods are met while they can be', () => {
    const cluster = settled();
    const shard = cluster.shard('edge-00');
    shard.written = { clusterRef: 'edge', tag: 'edge-00', preferredPods: ['edge-9', 'edge-2', 'edge-1'] };
    cluster.settle(300, checkPlan);
    expect(cluster.owned()['edge-2']).toContain('edge-00');
  });

  it('of a group of its own are spread by themselves', () => {
    const cluster = settled();
    for (const tag of ['gold-0', 'gold-1', 'gold-2'])
      cluster.addShard({ name: tag }, { clusterRef: 'edge', tag, group: 'gold' });
    cluster.settle(300, checkPlan);
    expect(cluster.counts()).toEqual([5, 5, 5]);
    expect(cluster.pod('edge-0').state?.tags.filter((tag) => tag.group === 'gold')).toHaveLength(3);
  });
});

describe('all pods killed at once', () => {
  const cluster = settled();
  for (const tag of cluster.tags.values()) tag.dialogs = 5;
  cluster.run(15, checkPlan);
  said(cluster);
  for (const name of cluster.podNames) cluster.kill(name);
  cluster.settle(300, checkPlan);

  it('leave a cluster that serves again, with higher epochs', () => {
    expect(cluster.status).toMatchObject({ phase: 'Ready', roster: { generation: 2 } });
    expect(cluster.counts()).toEqual([4, 4, 4]);
    for (const tag of cluster.tags.values()) expect(tag.epoch).toBeGreaterThan(1000);
  });

  it('leave lost calls, which is said', () => {
    expect(said(cluster)).toMatchObject({ CallsLost: 12, RosterReset: 1, QuorumLost: 1, QuorumRegained: 1 });
    expect(cluster.shard('edge-00').status?.lastMove).toMatchObject({ cause: 'PodDied', failed: 5 });
  });
});

describe('a new roster that is asked for', () => {
  it('is issued once', () => {
    const cluster = settled();
    cluster.annotations['sip.rehome.dev/new-roster'] = 'two of three are gone';
    cluster.settle(300, checkPlan);
    expect(cluster.status?.roster).toMatchObject({ generation: 2, handledRequest: 'two of three are gone' });
    expect(cluster.status?.roster?.floor['edge-00']).toBe(1001);
    expect(cluster.plan().steps).toEqual([]);
  });

  it('leaves out pods that are silent, and takes none of them in as long as they are', () => {
    const cluster = settled();
    const silent = ['edge-1', 'edge-2'];
    const see = (): Observed => {
      const observed = cluster.observed();
      const pods = observed.pods.map((pod) =>
        silent.includes(pod.metadata.name)
          ? { ...pod, ready: false, unreachableSinceMs: cluster.nowMs - 1000 }
          : pod,
      );
      return { ...observed, pods };
    };
    cluster.annotations['sip.rehome.dev/new-roster'] = 'two of three hang';
    for (let round = 0; round < 30; round++) {
      cluster.perform(plan(see(), cluster.nowMs));
      cluster.tick();
    }
    const { generation, members } = cluster.status?.roster ?? {};
    expect(generation).toBe(2);
    expect(members?.map(({ pod }) => podNameOf(pod))).toEqual(['edge-0']);
  });
});

describe('a bad spec', () => {
  it('is said with all its problems, and the pods go on with the last good one', () => {
    const cluster = settled();
    said(cluster);
    cluster.change({ replicas: 'many', shards: -1 });
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    const [accepted] = cluster.status?.conditions ?? [];
    expect(accepted).toMatchObject({
      type: 'Accepted',
      status: 'False',
      reason: 'SpecInvalid',
      observedGeneration: 2,
    });
    expect(accepted?.message).toContain('replicas');
    expect(accepted?.message).toContain('shards');
    expect(said(cluster)).toEqual({ SpecRejected: 1 });
    cluster.kill('edge-0');
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
  });

  it('that is the first makes nothing', () => {
    const cluster = settled({ replicas: 0 });
    expect(cluster.podNames).toEqual([]);
    expect(cluster.status?.phase).toBe('Failed');
  });
});

describe('a paused cluster', () => {
  it('is only watched', () => {
    const cluster = settled();
    said(cluster);
    cluster.annotations['sip.rehome.dev/paused'] = '';
    cluster.change({ replicas: 5 });
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    expect(said(cluster)).toMatchObject({ Paused: 1 });
    cluster.annotations = {};
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(5);
    expect(said(cluster)).toMatchObject({ Resumed: 1 });
  });
});

describe('counts alone', () => {
  it('are written once in ten seconds at most', () => {
    const cluster = settled();
    let writes = 0;
    cluster.run(30, (world, planned) => {
      for (const tag of world.tags.values()) tag.dialogs++;
      writes += planned.steps.filter((step) => step.type === 'clusterStatus').length;
    });
    expect(writes).toBeGreaterThanOrEqual(2);
    expect(writes).toBeLessThanOrEqual(4);
    expect(cluster.status?.dialogs).toBeGreaterThan(0);
  });
});
