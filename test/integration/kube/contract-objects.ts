import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, NODES, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { cluster, configMap, EDGE, node, pod } from '../../unit/kube/samples.ts';
import { refused, type ApiUnderTest, type Implementation } from './api-under-test.ts';

/** What every implementation does with objects. */
export function objectContract([name, open]: Implementation): void {
  describe(`${name}:`, () => {
    let under: ApiUnderTest;
    let api: KubeApi;

    beforeEach(async () => {
      under = await open();
      api = under.api;
    });

    afterEach(async () => {
      await under.close();
    });

    describe('objects', () => {
      test('a created object has what the server sets, and shares nothing with the one that was given', async () => {
        const given = cluster();
        const created = await api.create(SIP_CLUSTERS, given);
        expect(created.metadata.uid).toMatch(/./);
        expect(created.metadata).toMatchObject({ generation: 1, name: 'edge', namespace: 'default' });
        expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        given.spec = 'spoilt';
        created.spec = 'spoilt';
        expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({ spec: { replicas: 3 } });
      });

      test('what is not there is NotFound, what is there already AlreadyExists', async () => {
        await expect(api.get(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
        await expect(api.delete(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
        await expect(api.patch(SIP_CLUSTERS, EDGE, [])).rejects.toEqual(refused('NotFound', 404));
        await api.create(SIP_CLUSTERS, cluster());
        await expect(api.create(SIP_CLUSTERS, cluster())).rejects.toEqual(refused('AlreadyExists', 409));
      });

      test('an object without a valid name is Invalid', async () => {
        await expect(api.create(CONFIG_MAPS, configMap('No Name'))).rejects.toEqual(refused('Invalid', 422));
      });

      test('versions grow with each change, generation only with the spec', async () => {
        const first = await api.create(SIP_CLUSTERS, cluster());
        const labelled = await api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
        ]);
        const scaled = await api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ]);
        expect([first, labelled, scaled].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
        const versions = [first, labelled, scaled].map(({ metadata }) => Number(metadata.resourceVersion));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(new Set(versions).size).toBe(3);
        const same = await api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ]);
        expect(same.metadata.resourceVersion).toBe(scaled.metadata.resourceVersion);
      });

      test('lists are by namespace and labels, with the version to watch from', async () => {
        await api.create(PODS, pod('a', { app: 'edge' }));
        await api.create(PODS, pod('b', { app: 'other' }));
        const elsewhere = pod('c', { app: 'edge' });
        elsewhere.metadata.namespace = 'elsewhere';
        await api.create(PODS, elsewhere);
        const names = async (selection: Parameters<KubeApi['list']>[1]): Promise<string[]> =>
          (await api.list(PODS, selection)).items.map(({ metadata }) => metadata.name);
        expect(await names({})).toEqual(['a', 'b', 'c']);
        expect(await names({ namespace: 'default' })).toEqual(['a', 'b']);
        expect(await names({ labels: { app: 'edge' } })).toEqual(['a', 'c']);
        expect(Number((await api.list(PODS, {})).resourceVersion)).toBeGreaterThan(0);
      });

      test('kinds without namespaces', async () => {
        await api.create(NODES, node('one'));
        await api.patch(NODES, { namespace: '', name: 'one' }, [
          { op: 'add', path: '/spec/unschedulable', value: true },
        ]);
        expect(await api.get(NODES, { namespace: '', name: 'one' })).toMatchObject({
          spec: { unschedulable: true },
        });
      });
    });

    describe('status', () => {
      test('is left by writes of the object, and a write of it leaves the object', async () => {
        await api.create(SIP_CLUSTERS, { ...cluster(), status: { phase: 'Ready' } } as unknown as SipCluster);
        expect(await api.get(SIP_CLUSTERS, EDGE)).not.toHaveProperty('status');
        const status = { phase: 'Ready', conditions: [] };
        const written = { ...cluster({ replicas: 99 }), status } as unknown as SipCluster;
        await api.apply(SIP_CLUSTERS, written, { fieldManager: 'status', subresource: 'status' });
        expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          metadata: { generation: 1 },
          spec: { replicas: 3 },
          status: { phase: 'Ready' },
        });
        await api.apply(
          SIP_CLUSTERS,
          { ...cluster({ replicas: 4 }), status: { phase: 'Failed' } } as unknown as SipCluster,
          { fieldManager: 'user' },
        );
        expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          metadata: { generation: 2 },
          spec: { replicas: 4 },
          status: { phase: 'Ready' },
        });
      });

      test('of an object that is not there is NotFound', async () => {
        const written = { ...cluster(), status: {} } as unknown as SipCluster;
        const options = { fieldManager: 'status', subresource: 'status' } as const;
        await expect(api.apply(SIP_CLUSTERS, written, options)).rejects.toEqual(refused('NotFound', 404));
      });

      test('the scale subresource reads and writes the replicas', async () => {
        await api.create(SIP_CLUSTERS, cluster());
        const options = { subresource: 'scale' } as const;
        await api.patch(SIP_CLUSTERS, EDGE, [{ op: 'replace', path: '/spec/replicas', value: 2 }], options);
        expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          spec: { replicas: 2 },
          metadata: { generation: 2 },
        });
      });
    });

    describe('conflicts', () => {
      test('a write that means an older version is a Conflict', async () => {
        const { metadata } = await api.create(SIP_CLUSTERS, cluster());
        await api.patch(SIP_CLUSTERS, EDGE, [{ op: 'replace', path: '/spec/replicas', value: 5 }]);
        const stale = {
          ...cluster(),
          metadata: { ...EDGE, resourceVersion: metadata.resourceVersion ?? '' },
        };
        await expect(api.apply(SIP_CLUSTERS, stale, { fieldManager: 'x' })).rejects.toEqual(
          refused('Conflict', 409),
        );
        const replacing = {
          op: 'replace',
          path: '/metadata/resourceVersion',
          value: metadata.resourceVersion,
        } as const;
        await expect(api.patch(SIP_CLUSTERS, EDGE, [replacing])).rejects.toEqual(refused('Conflict', 409));
      });

      test('a test in a patch that fails leaves everything', async () => {
        await api.create(SIP_CLUSTERS, cluster());
        const operations = [
          { op: 'replace', path: '/spec/replicas', value: 5 },
          { op: 'test', path: '/spec/replicas', value: 4 },
        ] as const;
        await expect(api.patch(SIP_CLUSTERS, EDGE, operations)).rejects.toEqual(refused('Invalid', 422));
        expect(await api.get(SIP_CLUSTERS, EDGE)).toMatchObject({ spec: { replicas: 3 } });
      });

      test('a deletion that means another object of the name is a Conflict', async () => {
        const { metadata } = await api.create(SIP_CLUSTERS, cluster());
        await expect(api.delete(SIP_CLUSTERS, EDGE, { uid: 'other' })).rejects.toEqual(
          refused('Conflict', 409),
        );
        await api.delete(SIP_CLUSTERS, EDGE, { uid: metadata.uid ?? '' });
        await expect(api.get(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
      });
    });

    describe('server-side apply', () => {
      test('makes, changes, and removes what its manager no longer names', async () => {
        await api.apply(CONFIG_MAPS, configMap('m', { a: '1', b: '2' }), { fieldManager: 'one' });
        await api.apply(CONFIG_MAPS, configMap('m', { c: '3' }), { fieldManager: 'two' });
        const result = await api.apply(CONFIG_MAPS, configMap('m', { a: '9' }), { fieldManager: 'one' });
        expect(result.data).toEqual({ a: '9', c: '3' });
      });

      test('leaves a field that another manager applied too', async () => {
        await api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        await api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'two' });
        const result = await api.apply(CONFIG_MAPS, configMap('m', {}), { fieldManager: 'one' });
        expect(result.data).toEqual({ a: '1' });
      });

      test('items of lists are known by their names', async () => {
        const ports: Record<string, number> = { a: 5060, b: 5070, c: 5080, d: 5090 };
        const apply = (fieldManager: string, names: string[]): Promise<SipCluster> => {
          const listeners = names.map((name) => ({ name, port: ports[name] }));
          return api.apply(SIP_CLUSTERS, cluster({ listeners }), { fieldManager });
        };
        await apply('one', ['a', 'b']);
        await apply('two', ['c']);
        const { spec } = await apply('one', ['b', 'd']);
        const { listeners } = spec as { listeners: { name: string }[] };
        expect(listeners.map(({ name }) => name).sort()).toEqual(['b', 'c', 'd']);
      });

      test('conditions of two managers stand side by side', async () => {
        await api.create(SIP_CLUSTERS, cluster());
        const condition = async (type: string, status: string, fieldManager: string): Promise<SipCluster> => {
          const said = { reason: 'Said', message: 'by a test', lastTransitionTime: '2026-01-01T00:00:00Z' };
          const written = { ...cluster(), status: { conditions: [{ type, status, ...said }] } };
          const options = { fieldManager, subresource: 'status' } as const;
          return api.apply(SIP_CLUSTERS, written as unknown as SipCluster, options);
        };
        await condition('Ready', 'False', 'one');
        await condition('Placed', 'True', 'two');
        const result = await condition('Ready', 'True', 'one');
        const texts = result.status?.conditions.map(({ type, status }) => `${type}=${status}`).sort();
        expect(texts).toEqual(['Placed=True', 'Ready=True']);
      });

      test('the same again is no new version', async () => {
        const first = await api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        const second = await api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      });
    });
  });
}
