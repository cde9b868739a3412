import { describe, expect, test } from '@jest/globals';
import type { SipCluster } from '../../../../src/api/sip-cluster-type.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SIP_CLUSTERS,
} from '../../../../src/kube/kinds.ts';
import type { KubeEvent, Node } from '../../../../src/kube/objects.ts';
import { BINDINGS, bindingOf } from '../../../../src/local/kubernetes/binding.ts';
import { memoryKubernetes } from '../../kube/memory-kubernetes.ts';
import { budget, cluster, configMap, EDGE, pod } from '../../kube/samples.ts';
import { settled } from '../../kube/virtual-clock.ts';

const conflict = expect.objectContaining({ reason: 'Conflict', code: 409 });

function event(serial: number): KubeEvent {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: 'default', name: `event-${String(serial)}` },
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Normal',
    reason: 'Tested',
    action: 'Test',
    note: '',
    reportingController: 'test',
    reportingInstance: 'test',
    regarding: { apiVersion: 'v1', kind: 'Pod', name: 'p' },
  };
}

describe('Kubernetes in memory', () => {
  test('refuses what the hook finds wrong, with all of it, on creation and on change', async () => {
    const api = memoryKubernetes({
      validate: (kind, object) =>
        kind === SIP_CLUSTERS && typeof object['spec'] !== 'object' ? ['spec: no object', 'spec: truly'] : [],
    });
    await expect(api.create(SIP_CLUSTERS, cluster('text'))).rejects.toThrow(
      'SipCluster.sip.rehome.dev "edge" is invalid: spec: no object, spec: truly',
    );
    await api.create(SIP_CLUSTERS, cluster());
    const bad = [{ op: 'replace', path: '/spec', value: 1 }] as const;
    await expect(api.patch(SIP_CLUSTERS, EDGE, bad)).rejects.toThrow('spec: no object');
    expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({ spec: { replicas: 3 } });
  });

  test('keeps a thousand Events, the newest', async () => {
    const api = memoryKubernetes();
    for (let serial = 0; serial < 1005; serial++) await api.create(EVENTS, event(serial));
    await settled();
    const { items } = await api.list(EVENTS, {});
    expect(items).toHaveLength(1000);
    const names = items.map(({ metadata }) => metadata.name);
    expect(names).not.toContain('event-4');
    expect(names).toContain('event-5');
    expect(names).toContain('event-1004');
  });

  test('remembers a thousand changes for watchers that come late', async () => {
    const api = memoryKubernetes();
    const { resourceVersion } = await api.list(CONFIG_MAPS, {});
    for (let serial = 0; serial <= 1000; serial++)
      await api.apply(CONFIG_MAPS, configMap('m', { v: String(serial) }), { fieldManager: 'x' });
    const { signal } = new AbortController();
    const late = api.watch(CONFIG_MAPS, { resourceVersion, signal }, () => undefined);
    await expect(late).rejects.toEqual(expect.objectContaining({ reason: 'Expired', code: 410 }));
  });

  test('a version that it never gave is Expired: it is of a server that ran before', async () => {
    const { signal } = new AbortController();
    const watch = memoryKubernetes().watch(PODS, { resourceVersion: '99', signal }, () => undefined);
    await expect(watch).rejects.toEqual(expect.objectContaining({ reason: 'Expired' }));
  });

  test('keeps the status of a budget', async () => {
    const api = memoryKubernetes();
    await api.create(POD_DISRUPTION_BUDGETS, budget(1));
    for (const name of ['a', 'b']) {
      await api.create(PODS, pod(name, { app: 'edge' }));
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      const operation = { op: 'replace', path: '/status', value: status } as const;
      await api.patch(PODS, { namespace: 'default', name }, [operation], { subresource: 'status' });
    }
    await settled();
    expect((await api.get(POD_DISRUPTION_BUDGETS, EDGE)).status).toEqual({
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    });
  });

  test('a pod that is not ready may be evicted from a budget that is met, or that allows it', async () => {
    const api = memoryKubernetes();
    const ref = { namespace: 'default', name: 'sick' };
    await api.create(POD_DISRUPTION_BUDGETS, budget(1));
    await api.create(PODS, pod('sick', { app: 'edge' }));
    const running = [{ op: 'replace', path: '/status', value: { phase: 'Running' } }] as const;
    await api.patch(PODS, ref, running, { subresource: 'status' });
    await expect(api.evict(ref)).rejects.toEqual(expect.objectContaining({ code: 429 }));
    const allow = [{ op: 'add', path: '/spec/unhealthyPodEvictionPolicy', value: 'AlwaysAllow' }] as const;
    await api.patch(POD_DISRUPTION_BUDGETS, EDGE, allow);
    await api.evict(ref);
    await expect(api.get(PODS, ref)).rejects.toEqual(expect.objectContaining({ code: 404 }));
  });

  test("changes a pod's images and, once, its node; nothing else of its spec", async () => {
    const api = memoryKubernetes();
    await api.create(PODS, pod('p'));
    const set = (path: string, value: unknown): Promise<unknown> =>
      api.patch(PODS, { namespace: 'default', name: 'p' }, [{ op: 'add', path, value }]);
    await set('/spec/nodeName', 'one');
    await set('/spec/containers/0/image', 'rehome:2');
    for (const [path, value] of [
      ['/spec/nodeName', 'two'],
      ['/spec/restartPolicy', 'Never'],
      ['/spec/containers/0/command', ['x']],
    ] as const)
      await expect(set(path, value)).rejects.toEqual(expect.objectContaining({ code: 422 }));
  });

  test('is bound to a node once, by a Binding that may name its uid', async () => {
    const api = memoryKubernetes();
    const made = await api.create(PODS, pod('p'));
    const bind = (uid: string | undefined, node: string): Promise<unknown> =>
      api.create(BINDINGS, bindingOf({ ...made, metadata: { ...made.metadata, uid: uid ?? '' } }, node));
    await expect(bind('another', 'one')).rejects.toMatchObject({ code: 409 });
    await bind(made.metadata.uid, 'one');
    expect((await api.get(PODS, { namespace: 'default', name: 'p' })).spec.nodeName).toBe('one');
    await expect(bind(made.metadata.uid, 'two')).rejects.toMatchObject({ code: 409 });
  });

  test('a longer grace does not lengthen a shorter one, a finished pod has none', async () => {
    const api = memoryKubernetes();
    const ref = { namespace: 'default', name: 'p' };
    await api.create(PODS, pod('p'));
    await api.patch(PODS, ref, [{ op: 'add', path: '/spec/nodeName', value: 'one' }]);
    const grace = async (): Promise<unknown> =>
      (await api.get(PODS, ref)).metadata.deletionGracePeriodSeconds;
    await api.delete(PODS, ref);
    expect(await grace()).toBe(30);
    await api.delete(PODS, ref, { gracePeriodSeconds: 60 });
    expect(await grace()).toBe(30);
    await api.delete(PODS, ref, { gracePeriodSeconds: 5 });
    expect(await grace()).toBe(5);
    const failed = [{ op: 'replace', path: '/status/phase', value: 'Failed' }] as const;
    await api.patch(PODS, ref, failed, { subresource: 'status' });
    await api.delete(PODS, ref);
    await expect(api.get(PODS, ref)).rejects.toEqual(expect.objectContaining({ code: 404 }));
  });

  test('an object with one living owner stays', async () => {
    const api = memoryKubernetes();
    const owners = await Promise.all(['one', 'two'].map((name) => api.create(CONFIG_MAPS, configMap(name))));
    const child = configMap('child');
    child.metadata.ownerReferences = owners.map(({ metadata: { name, uid = '' } }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid,
    }));
    await api.create(CONFIG_MAPS, child);
    await api.delete(CONFIG_MAPS, { namespace: 'default', name: 'one' });
    await settled();
    await api.get(CONFIG_MAPS, { namespace: 'default', name: 'child' });
    await api.delete(CONFIG_MAPS, { namespace: 'default', name: 'two' });
    await settled();
    expect((await api.list(CONFIG_MAPS, {})).items).toEqual([]);
  });

  test('an apply without force leaves what another manager applied otherwise', async () => {
    const api = memoryKubernetes();
    await api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
    const options = { fieldManager: 'two', force: false };
    await expect(api.apply(CONFIG_MAPS, configMap('m', { a: '2' }), options)).rejects.toEqual(conflict);
    await api.apply(CONFIG_MAPS, configMap('m', { a: '1', b: '1' }), options);
    await api.apply(CONFIG_MAPS, configMap('m', { a: '3' }), { fieldManager: 'one' });
    const result = await api.apply(CONFIG_MAPS, configMap('m', { b: '1' }), options);
    expect(result.data).toEqual({ a: '3', b: '1' });
  });

  test('a field that was patched stays when its manager no longer applies it', async () => {
    const api = memoryKubernetes();
    await api.apply(SIP_CLUSTERS, cluster({ replicas: 3, shards: 12 }), { fieldManager: 'user' });
    await api.patch(SIP_CLUSTERS, EDGE, [{ op: 'replace', path: '/spec/replicas', value: 5 }]);
    const { spec } = await api.apply(SIP_CLUSTERS, cluster({ shards: 12 }), { fieldManager: 'user' });
    expect(spec).toMatchObject({ replicas: 5, shards: 12 });
  });

  test('a Node comes with the status that its kubelet gives it', async () => {
    const api = memoryKubernetes();
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' }, spec: {}, status } as Node;
    expect(await api.create(NODES, node)).toMatchObject({ status });
  });

  test('an object of another kind, or in no namespace, is refused', async () => {
    const api = memoryKubernetes();
    const other = { ...cluster(), kind: 'ConfigMap' } as unknown as SipCluster;
    await expect(api.create(SIP_CLUSTERS, other)).rejects.toEqual(expect.objectContaining({ code: 400 }));
    const nowhere = { ...cluster(), metadata: { name: 'edge' } };
    await expect(api.create(SIP_CLUSTERS, nowhere)).rejects.toEqual(expect.objectContaining({ code: 422 }));
  });

  test('a receiver that throws ends its own watch only', async () => {
    const api = memoryKubernetes();
    const { signal } = new AbortController();
    const options = { resourceVersion: '0', signal };
    const seen: string[] = [];
    const broken = api.watch(PODS, options, () => {
      throw new Error('broken receiver');
    });
    void api.watch(PODS, options, ({ type }) => {
      seen.push(type);
    });
    await api.create(PODS, pod('p'));
    await expect(broken).rejects.toThrow('broken receiver');
    await api.create(PODS, pod('q'));
    await settled();
    expect(seen).toEqual(['ADDED', 'ADDED']);
    api.endWatches();
  });
});
