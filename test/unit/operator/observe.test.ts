import { describe, expect, test } from '@jest/globals';
import type { Node, Pod } from '../../../src/kube/objects.ts';
import { observe, type ClusterObjects } from '../../../src/operator/observe.ts';
import type { LinkView } from '../../../src/operator/links/pod-link.ts';
import { dialogShard, sipCluster } from './memory.ts';

const OPERATOR = {
  member: 'operator.1',
  mesh: '127.0.0.1:7946',
  term: 2,
  leadingSinceMs: 5,
  vote: undefined,
};

const objects = (change: Partial<ClusterObjects> = {}): ClusterObjects => ({
  cluster: sipCluster('edge'),
  ...{ shards: [], pods: [], nodes: [] },
  ...{ configMap: undefined, secretOf: () => undefined, disruptionBudget: undefined },
  ...change,
});

const world = (change: Partial<ClusterObjects>): ReturnType<typeof observe> =>
  observe(objects(change), () => undefined, OPERATOR);

function pod(status: Pod['status'], metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'edge-0', uid: 'u0', ...metadata },
    spec: { nodeName: 'n1', containers: [] },
    ...(status && { status }),
  };
}

describe('what is observed', () => {
  test('of the mesh of a pod is the port that its object names, or the usual one', () => {
    const plain = pod({ podIP: '10.0.0.1' });
    const ports = [{ name: 'mesh', containerPort: 8046 }];
    const shifted = { ...plain, spec: { containers: [{ name: 'proxy', image: 'x', ports }] } };
    expect(world({ pods: [plain, shifted] }).pods.map(({ meshPort }) => meshPort)).toEqual([7946, 8046]);
  });

  test('of a spec with problems are all problems, and the last good one', () => {
    const cluster = sipCluster('edge', { replicas: -1, shards: 'many' });
    const accepted = { generation: 4, spec: sipCluster('edge').spec };
    const status = { accepted } as unknown as NonNullable<typeof cluster.status>;
    const { cluster: seen } = world({ cluster: { ...cluster, status } });
    expect(seen.spec).toBeUndefined();
    expect(seen.problems.map(({ path }) => path)).toEqual(['spec.replicas', 'spec.shards']);
    expect(seen.accepted).toMatchObject({ generation: 4, spec: { replicas: 3, shards: 4 } });
  });

  test('is a problem if the number of tags falls, or the name cannot name pods', () => {
    const accepted = { generation: 4, spec: sipCluster('edge', { shards: 9 }).spec };
    const cluster = sipCluster('Edge.1');
    const status = { accepted } as unknown as NonNullable<typeof cluster.status>;
    const { cluster: seen } = world({ cluster: { ...cluster, status } });
    expect(seen.spec).toBeUndefined();
    expect(seen.problems.map(({ path }) => path)).toEqual(['metadata.name', 'spec.shards']);
  });

  test('of an accepted spec that this version does not take is nothing', () => {
    const accepted = { generation: 4, spec: { replicas: 'x' } };
    const cluster = sipCluster('edge');
    const status = { accepted } as unknown as NonNullable<typeof cluster.status>;
    expect(world({ cluster: { ...cluster, status } }).cluster.accepted).toBeUndefined();
  });

  test('of a DialogShard is its tag or what is wrong with it', () => {
    const bad = { ...dialogShard('edge', 'edge-01'), spec: { clusterRef: 'edge' } };
    const { shards } = world({ shards: [dialogShard('edge', 'edge-00'), bad] });
    expect(shards.map(({ spec }) => spec?.tag)).toEqual(['edge-00', undefined]);
    expect(shards[1]?.problems.length).toBeGreaterThan(0);
  });

  test('of a pod is what the kubelet and the pod itself say', () => {
    const since = '2026-11-24T10:00:00Z';
    const running = pod({
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }],
      containerStatuses: [
        { name: 'proxy', ready: true, restartCount: 2, state: { running: { startedAt: since } } },
      ],
    });
    const link: LinkView = { report: undefined, reportedAtMs: 9, unreachableSinceMs: 8, sentState: 'abc' };
    const { pods } = observe(
      objects({ pods: [running] }),
      (uid) => (uid === 'u0' ? link : undefined),
      OPERATOR,
    );
    expect(pods[0]).toMatchObject({
      ...{ nodeName: 'n1', podIP: '10.0.0.1', phase: 'Running', ready: true, restarts: 2, ended: false },
      readySinceMs: Date.parse(since),
      ...link,
    });
    expect(world({ pods: [pod(undefined)] }).pods[0]).toMatchObject({
      podIP: '',
      phase: 'Pending',
      ready: false,
    });
  });

  test('has ended what will not be started again', () => {
    const terminated = { exitCode: 1, reason: 'Error', finishedAt: '2026-11-24T10:00:00Z' };
    const containerStatuses = [{ name: 'proxy', ready: false, restartCount: 0, state: { terminated } }];
    const ended = (status: Pod['status'], metadata = {}): boolean | undefined =>
      world({ pods: [pod(status, metadata)] }).pods[0]?.ended;
    expect(ended({ phase: 'Failed', containerStatuses })).toBe(true);
    expect(ended({ phase: 'Running', containerStatuses })).toBe(false);
    expect(ended({ phase: 'Running', containerStatuses }, { deletionTimestamp: 'now' })).toBe(true);
    expect(ended({ phase: 'Failed' })).toBe(false);
  });

  test('of a node are its cordon, taints that drain it, and its health', () => {
    const node: Node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1' },
      spec: {
        unschedulable: true,
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'b', effect: 'PreferNoSchedule' },
        ],
      },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    expect(world({ nodes: [node] }).nodes[0]).toMatchObject({
      unschedulable: true,
      taints: ['a'],
      ready: false,
    });
    expect(world({ nodes: [{ ...node, spec: {}, status: {} }] }).nodes[0]).toMatchObject({
      ready: true,
      taints: [],
    });
  });
});
