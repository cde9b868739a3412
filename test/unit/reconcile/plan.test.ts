import { describe, expect, it } from '@jest/globals';
import { checkPlan } from './invariants.ts';
import { SimulatedCluster } from './world.ts';

/** A cluster at rest. */
function settled(written: Record<string, unknown> = {}, nodes?: readonly string[]): SimulatedCluster {
  const cluster = new SimulatedCluster(written, nodes);
  cluster.settle(300, checkPlan);
  return cluster;
}

/** Reasons of the Events since the last call. */
function said(cluster: SimulatedCluster): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { eventReason } of cluster.events.splice(0))
    counts[eventReason] = (counts[eventReason] ?? 0) + 1;
  return counts;
}

function members(cluster: SimulatedCluster): string[] {
  return (cluster.status?.roster?.members ?? []).map(({ pod }) => pod.replace(/\.[0-9a-f]{8}$/, '')).sort();
}

describe('a new cluster', () => {
  const cluster = settled();

  it('has its objects, pods, tags and a roster', () => {
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2']);
    expect(cluster.tags.size).toBe(12);
    expect(members(cluster)).toEqual(cluster.podNames);
    expect(cluster.meshSecret).toBe(true);
    expect(cluster.configMap).toBeDefined();
    expect(cluster.budget).toEqual({ minAvailable: 2 });
  });

  it('has its tags spread evenly, each with two copies', () => {
    expect(cluster.counts()).toEqual([4, 4, 4]);
    for (const tag of cluster.tags.values()) expect(tag.inSync).toHaveLength(2);
  });

  it('says so in its status', () => {
    expect(cluster.status?.phase).toBe('Ready');
    expect(cluster.status?.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'Accepted True',
      'Ready True',
      'Protected True',
      'Quorum True',
      'Moving False',
    ]);
    expect(cluster.shard('edge-00').status).toMatchObject({ phase: 'Active', epoch: 1 });
  });

  it('says each thing once', () => {
    expect(said(cluster)).toEqual({
      SpecAccepted: 1,
      PodCreated: 3,
      ShardCreated: 12,
      RosterIssued: 1,
      FirstPlacement: 12,
    });
  });
});

describe('the roster', () => {
  it('of a single pod has one member', () => {
    expect(members(settled({ replicas: 1 }))).toEqual(['edge-0']);
  });

  it('of two pods has the operator too, and loses it again', () => {
    const cluster = settled({ replicas: 2 });
    expect(members(cluster)).toEqual(['edge-0', 'edge-1', 'operator.cluster-uid']);
    cluster.change({ replicas: 3 });
    cluster.settle(300, checkPlan);
    expect(members(cluster)).toEqual(['edge-0', 'edge-1', 'edge-2']);
  });

  it('follows a cluster that grows and shrinks, one voter at a time', () => {
    const cluster = settled({ replicas: 1 });
    for (const replicas of [2, 3, 5, 2, 1]) {
      cluster.change({ replicas });
      cluster.settle(400, checkPlan);
      expect(cluster.podNames).toHaveLength(replicas);
      expect(members(cluster)).toHaveLength(replicas === 2 ? 3 : replicas);
    }
    expect(cluster.status?.roster?.generation).toBe(1);
  });

  it('has the new pod before it loses the dead one', () => {
    const cluster = settled();
    cluster.kill('edge-1');
    const sizes = new Set<number>();
    cluster.settle(300, (world, planned) => {
      checkPlan(world, planned);
      sizes.add(world.status?.roster?.members.length ?? 0);
    });
    expect([...sizes].sort()).toEqual([3, 4]);
    expect(members(cluster)).toEqual(['edge-0', 'edge-1', 'edge-2']);
  });
});

describe('a pod that dies', () => {
  const cluster = settled();
  for (const tag of cluster.tags.values()) tag.dialogs = 10;
  cluster.run(12, checkPlan);
  said(cluster);
  cluster.kill('edge-1');
  cluster.settle(300, checkPlan);

  it('has its tags taken over, is replaced, and its successor gets a fair share', () => {
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2']);
    expect(cluster.counts()).toEqual([4, 4, 4]);
    expect(cluster.moves).toHaveLength(4);
  });

  it('is told of', () => {
    expect(said(cluster)).toMatchObject({ PodDied: 1, PodReplaced: 1, FailoverRecorded: 4, MoveFinished: 4 });
  });

  it('is in the record of its tags', () => {
    const causes = cluster.shards.map(({ status }) => status?.lastMove?.cause);
    expect(new Set(causes)).toEqual(new Set(['FirstPlacement', 'PodDied', 'Rebalance']));
    const died = cluster.shards.find(({ status }) => status?.lastMove?.cause === 'PodDied');
    expect(died?.status?.lastMove).toMatchObject({
      from: 'edge-1',
      epoch: 2,
      dialogs: 10,
      rehomed: 10,
      failed: 0,
    });
  });
});

describe('scaling', () => {
  it('out moves exactly the fair share of the new pod, a few tags at a time', () => {
    const cluster = settled();
    said(cluster);
    cluster.change({ replicas: 4 });
    cluster.settle(300, (world, planned) => {
      checkPlan(world, planned);
      expect(world.shards.filter(({ status }) => status?.phase === 'Moving').length).toBeLessThanOrEqual(2);
    });
    expect(cluster.counts()).toEqual([3, 3, 3, 3]);
    expect(cluster.moves).toHaveLength(3);
    expect(cluster.moves.every(({ to }) => to === 'edge-3')).toBe(true);
    expect(said(cluster)).toMatchObject({ ScaledOut: 1, PodCreated: 1, MoveStarted: 3, MoveFinished: 3 });
  });

  it('in empties the pod with the fewest dialogs before it goes', () => {
    const cluster = settled();
    for (const [tag, state] of cluster.tags) state.dialogs = cluster.owned()['edge-1']?.includes(tag) ? 1 : 5;
    said(cluster);
    cluster.change({ replicas: 2 });
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toEqual(['edge-0', 'edge-2']);
    expect(cluster.counts()).toEqual([6, 6]);
    expect(cluster.moves).toHaveLength(4);
    expect(said(cluster)).toMatchObject({ ScaledIn: 1, PodDeleted: 1, MoveFinished: 4 });
  });
});

describe('a cordoned pod', () => {
  const cluster = settled();
  said(cluster);
  cluster.pod('edge-0').metadata.annotations = {
    ...cluster.pod('edge-0').metadata.annotations,
    'sip.rehome.dev/cordon': 'look at it',
  };
  cluster.settle(300, checkPlan);

  it('is emptied and stays', () => {
    expect(cluster.owned()['edge-0']).toEqual([]);
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2']);
    expect(cluster.pod('edge-0').state).toMatchObject({
      cordoned: true,
      cordonReason: 'edge-0 is cordoned: look at it',
    });
    expect(cluster.status?.pods[0]).toMatchObject({ phase: 'Leaving', cause: 'PodCordoned' });
    expect(said(cluster)).toMatchObject({ PodCordoned: 1, MoveStarted: 4, MoveFinished: 4 });
  });

  it('gets its share back when it is uncordoned', () => {
    delete cluster.pod('edge-0').metadata.annotations?.['sip.rehome.dev/cordon'];
    cluster.settle(300, checkPlan);
    expect(cluster.counts()).toEqual([4, 4, 4]);
    expect(said(cluster)).toMatchObject({ PodUncordoned: 1, RebalanceStarted: 1 });
  });
});

describe('a cordoned node', () => {
  it('has its pod emptied, replaced elsewhere and deleted', () => {
    const cluster = settled();
    said(cluster);
    const [node] = cluster.nodes;
    if (node !== undefined) node.unschedulable = true;
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    expect(cluster.pods.every((pod) => pod.node !== 'n1')).toBe(true);
    expect(cluster.counts().sort()).toEqual([4, 4, 4]);
    expect(said(cluster)).toMatchObject({ NodeCordoned: 1 });
  });

  it('that is uncordoned half-way leaves everything consistent', () => {
    for (const rounds of [1, 2, 3, 4, 5, 6]) {
      const cluster = settled();
      const [node] = cluster.nodes;
      if (node !== undefined) node.unschedulable = true;
      cluster.run(rounds, checkPlan);
      if (node !== undefined) node.unschedulable = false;
      cluster.settle(300, checkPlan);
      expect(cluster.podNames).toHaveLength(3);
      expect(cluster.counts().sort()).toEqual([4, 4, 4]);
    }
  });
});

describe('a pod that is deleted by a person', () => {
  it('has its tags moved and is replaced at once', () => {
    const cluster = settled();
    cluster.delete('edge-2');
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    expect(cluster.counts().sort()).toEqual([4, 4, 4]);
    expect(cluster.shards.some(({ status }) => status?.lastMove?.cause === 'PodDeleted')).toBe(true);
  });
});

describe('a pod that is unready while alive', () => {
  it('is emptied after unreadyAfter, and only if somebody can take its tags', () => {
    const cluster = settled();
    said(cluster);
    cluster.pod('edge-1').sick = true;
    cluster.run(5, checkPlan);
    expect(cluster.owned()['edge-1']).toHaveLength(4);
    cluster.run(10, checkPlan);
    expect(cluster.owned()['edge-1']).toEqual([]);
    expect(said(cluster)).toMatchObject({ PodUnready: 1, MoveStarted: 4 });
    expect(cluster.pod('edge-1').state?.cordoned).toBe(false);
    cluster.pod('edge-1').sick = false;
    cluster.settle(300, checkPlan);
    expect(cluster.counts()).toEqual([4, 4, 4]);
  });

  it('keeps its tags while nobody is ready', () => {
    const cluster = settled();
    for (const name of cluster.podNames) cluster.pod(name).sick = true;
    cluster.run(20, checkPlan);
    expect(cluster.moves).toEqual([]);
  });
});

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
