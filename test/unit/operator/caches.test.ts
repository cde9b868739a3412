import { afterEach, describe, expect, test } from '@jest/globals';
import type { KubeApi } from '../../../src/kube/api.ts';
import { LEASES, NODES, PODS, SECRETS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { Lease, Node, Pod, Secret } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { Caches } from '../../../src/operator/caches.ts';
import { ownedMetadata } from '../../../src/reconcile/owner.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { until } from '../../../src/local/until.ts';
import { forbiddingApi } from './forbidding-api.ts';
import { NAMESPACE, newKubernetes, sipCluster } from './memory.ts';

const KEY = `${NAMESPACE}/edge`;
const LIMIT_MS = 20_000;
const LEASE_REF = { namespace: 'kube-node-lease', name: 'n1' };
const running: Caches[] = [];

afterEach(async () => {
  for (const caches of running.splice(0)) await caches.stop();
});

async function kubernetes(): Promise<MemoryKubernetes> {
  const api = newKubernetes();
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} };
  const lease: Lease = {
    ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: LEASE_REF },
    spec: { renewTime: '2026-11-24T10:00:00.000000Z' },
  };
  await api.create(NODES, node);
  await api.create(LEASES, lease);
  await api.create(SIP_CLUSTERS, sipCluster('edge'));
  return api;
}

function open(
  api: KubeApi,
  changed: string[] = [],
  wallMs: () => number = Date.now,
  onRelist: (kind: string) => void = () => undefined,
): Caches {
  const caches = new Caches({
    ...{ api, namespace: '', clock: systemClock, random: () => 0, wallMs, onRelist },
    onChange: (key) => changed.push(key),
    onFailure: () => undefined,
  });
  running.push(caches);
  caches.start();
  return caches;
}

describe('what the operator reads', () => {
  test('may lack nodes: they are hidden then, until it gets the right', async () => {
    const forbidden = new Set(['nodes', 'leases']);
    const changed: string[] = [];
    const caches = open(forbiddingApi(await kubernetes(), forbidden), changed);
    await until(() => caches.missing.length === 0, LIMIT_MS, 'all else is read');
    expect(caches.objectsOf(KEY)).toMatchObject({
      nodes: [],
      nodesHidden: expect.stringContaining('nodes is forbidden'),
    });
    changed.length = 0;
    forbidden.clear();
    await until(() => caches.objectsOf(KEY)?.nodes.length === 1, LIMIT_MS, 'nodes are seen');
    expect(caches.objectsOf(KEY)?.nodesHidden).toBeUndefined();
    await until(() => changed.includes(KEY), LIMIT_MS, 'the cluster hears of it');
  }, 40_000);

  test('of pods of others, as those of a former cluster of the same name, is only which names they have', async () => {
    const api = await kubernetes();
    const { uid = '' } = (await api.get(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' })).metadata;
    const pod = (name: string, owner: string): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...ownedMetadata({ name: 'edge', namespace: NAMESPACE, uid: owner }, name) },
      spec: { containers: [] },
    });
    // The second owner is there, so that nobody collects its pod.
    const { metadata: other } = await api.create(SIP_CLUSTERS, sipCluster('other'));
    await api.create(PODS, pod('edge-0', other.uid ?? ''));
    await api.create(PODS, pod('edge-1', uid));
    for (const name of ['edge-2', 'lane-3'])
      await api.create(PODS, { ...pod(name, ''), metadata: { name, namespace: NAMESPACE } });
    const caches = open(api);
    await until(() => caches.missing.length === 0, LIMIT_MS, 'all is read');
    const objects = caches.objectsOf(KEY);
    expect(objects?.pods.map(({ metadata }) => metadata.name)).toEqual(['edge-1']);
    expect(objects?.takenNames).toEqual(['edge-0', 'edge-2']);
  });

  test('of Secrets is only what can be one of keys', async () => {
    const api = await kubernetes();
    const secret = (name: string, type?: string): Secret => ({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: NAMESPACE } },
      ...(type !== undefined && { type }),
    });
    await api.create(SECRETS, secret('given'));
    await api.create(SECRETS, secret('edge-mesh', 'Opaque'));
    await api.create(SECRETS, secret('release', 'helm.sh/release.v1'));
    const caches = open(api);
    await until(() => caches.missing.length === 0, LIMIT_MS, 'all is read');
    const secretOf = (name: string): unknown => caches.objectsOf(KEY)?.secretOf(name)?.metadata.name;
    expect(['given', 'edge-mesh', 'release'].map(secretOf)).toEqual(['given', 'edge-mesh', undefined]);
    await api.create(SECRETS, secret('later-release', 'helm.sh/release.v1'));
    await api.create(SECRETS, secret('later'));
    await until(() => secretOf('later') === 'later', LIMIT_MS, 'the later Secret is seen');
    expect(secretOf('later-release')).toBeUndefined();
  });

  test('of endpoints counts as any other kind, as long as somebody names their Service', async () => {
    const api = await kubernetes();
    const relisted: string[] = [];
    const caches = open(api, [], Date.now, (kind) => relisted.push(kind));
    const kinds = (): string[] => caches.lastHeardMs().map(([kind]) => kind);
    await until(() => caches.missing.length === 0, LIMIT_MS, 'all is read');
    expect(kinds()).not.toContain('endpointslices');
    const ref = { namespace: NAMESPACE, name: 'edge' };
    const targets = [{ name: 'media', service: { name: 'media', port: 5060 } }];
    await api.patch(SIP_CLUSTERS, ref, [{ op: 'replace', path: '/spec/targets', value: targets }]);
    await until(() => relisted.includes('endpointslices'), LIMIT_MS, 'the endpoints are listed');
    expect(kinds()).toContain('endpointslices');
    await api.delete(SIP_CLUSTERS, ref);
    await until(() => !kinds().includes('endpointslices'), LIMIT_MS, 'the endpoints are left');
  });

  test('may lack nothing else', async () => {
    const caches = open(forbiddingApi(await kubernetes(), new Set(['secrets'])));
    await until(() => caches.missing.length === 1, LIMIT_MS, 'all else is read');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(caches.missing).toEqual(['secrets']);
  });

  test('of a node is when its Lease was seen renewed, by the own clock', async () => {
    const api = await kubernetes();
    let nowMs = 5000;
    const caches = open(api, [], () => nowMs);
    const heardAtMs = (): number | undefined => caches.objectsOf(KEY)?.nodesHeardAtMs?.get('n1');
    await until(() => heardAtMs() === 5000, LIMIT_MS, 'the Lease is seen');
    nowMs = 9000;
    const renew = (value: string): Promise<unknown> =>
      api.patch(LEASES, LEASE_REF, [{ op: 'add', path: '/spec/renewTime', value }]);
    await api.patch(LEASES, LEASE_REF, [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }]);
    // An hour behind: its clock says nothing.
    await renew('2026-11-24T09:00:00.000000Z');
    await until(() => heardAtMs() !== 5000, LIMIT_MS, 'the renewal is seen');
    expect(heardAtMs()).toBe(9000);
  });

  test('of Leases is nothing when they are forbidden, and nodes are seen all the same', async () => {
    const caches = open(forbiddingApi(await kubernetes(), new Set(['leases'])));
    await until(() => caches.missing.length === 0, LIMIT_MS, 'all else is read');
    expect(caches.objectsOf(KEY)?.nodes).toHaveLength(1);
    expect(caches.objectsOf(KEY)?.nodesHeardAtMs).toBeUndefined();
  });
});
