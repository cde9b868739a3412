import { describe, expect, it } from '@jest/globals';
import { checkPlan } from './invariants.ts';
import { members, said, settled } from './settled.ts';

describe('a new cluster', () => {
  const cluster = settled();

  it('has its objects, pods, tags and a roster', () => {
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2']);
    expect(cluster.tags.size).toBe(12);
    expect(members(cluster)).toEqual(cluster.podNames);
    expect(cluster.keys).toMatchObject({ mesh: { ids: ['k1'] }, tokens: { ids: ['k1'] } });
    expect(cluster.configMap).toBeDefined();
    expect(cluster.budget).toMatchObject({ minAvailable: 2 });
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
      'NodesVisible True',
      'ReferencesFound True',
      'EvidenceAgrees True',
      'UpToDate True',
      'Spread True',
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

  it('goes on at the same pace, and knows each cause, when takeovers are told of late', () => {
    const cluster = settled();
    cluster.tellsAfterMs = 3000;
    said(cluster);
    cluster.change({ replicas: 4 });
    cluster.settle(300, (world, planned) => {
      checkPlan(world, planned);
      expect(world.shards.filter(({ status }) => status?.phase === 'Moving').length).toBeLessThanOrEqual(2);
    });
    const events = said(cluster);
    expect(events).toMatchObject({ MoveStarted: 3, MoveFinished: 3 });
    expect(events).not.toHaveProperty('MoveStopped');
    const causes = cluster.shards.map(({ status }) => status?.lastMove?.cause);
    expect(causes.filter((cause) => cause === 'Rebalance')).toHaveLength(3);
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
