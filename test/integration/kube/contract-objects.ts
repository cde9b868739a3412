import { describe, expect, test } from '@jest/globals';
import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, NODES, PODS, SECRETS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { Secret } from '../../../src/kube/objects.ts';
import { cluster, configMap, EDGE, node, pod } from '../../unit/kube/samples.ts';
import { refused, type Implementation } from './api-under-test.ts';
import { describeApi } from './contract-frame.ts';

/** What every implementation does with objects. */
export function objectContract(implementation: Implementation): void {
  describeApi(implementation, (its) => {
    describe('objects', () => {
      test('a created object has what the server sets, and shares nothing with the one that was given', async () => {
        const given = cluster();
        const created = await its.api.create(SIP_CLUSTERS, given);
        expect(created.metadata.uid).toMatch(/./);
        expect(created.metadata).toMatchObject({ generation: 1, name: 'edge', namespace: 'default' });
        expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        given.spec = 'spoilt';
        created.spec = 'spoilt';
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).toMatchObject({ spec: { replicas: 3 } });
      });

      test('what is not there is NotFound, what is there already AlreadyExists', async () => {
        await expect(its.api.get(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
        await expect(its.api.delete(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
        await expect(its.api.patch(SIP_CLUSTERS, EDGE, [])).rejects.toEqual(refused('NotFound', 404));
        await its.api.create(SIP_CLUSTERS, cluster());
        await expect(its.api.create(SIP_CLUSTERS, cluster())).rejects.toEqual(refused('AlreadyExists', 409));
      });

      test('an object without a valid name is Invalid', async () => {
        await expect(its.api.create(CONFIG_MAPS, configMap('No Name'))).rejects.toEqual(
          refused('Invalid', 422),
        );
      });

      test('versions grow with each change, generation only with the spec', async () => {
        const first = await its.api.create(SIP_CLUSTERS, cluster());
        const labelled = await its.api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
        ]);
        const scaled = await its.api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ]);
        expect([first, labelled, scaled].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
        const versions = [first, labelled, scaled].map(({ metadata }) => Number(metadata.resourceVersion));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(new Set(versions).size).toBe(3);
        const same = await its.api.patch(SIP_CLUSTERS, EDGE, [
          { op: 'replace', path: '/spec/replicas', value: 5 },
        ]);
        expect(same.metadata.resourceVersion).toBe(scaled.metadata.resourceVersion);
      });

      test('lists are by namespace and labels, with the version to watch from', async () => {
        await its.api.create(PODS, pod('a', { app: 'edge' }));
        await its.api.create(PODS, pod('b', { app: 'other' }));
        const elsewhere = pod('c', { app: 'edge' });
        elsewhere.metadata.namespace = 'elsewhere';
        await its.api.create(PODS, elsewhere);
        const names = async (selection: Parameters<KubeApi['list']>[1]): Promise<string[]> =>
          (await its.api.list(PODS, selection)).items.map(({ metadata }) => metadata.name);
        expect(await names({})).toEqual(['a', 'b', 'c']);
        expect(await names({ namespace: 'default' })).toEqual(['a', 'b']);
        expect(await names({ labels: { app: 'edge' } })).toEqual(['a', 'c']);
        expect(Number((await its.api.list(PODS, {})).resourceVersion)).toBeGreaterThan(0);
      });

      test('lists are by fields, of which a Secret without a type has one all the same', async () => {
        const secret = (name: string, type?: string): Secret => ({
          ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' } },
          ...(type !== undefined && { type }),
        });
        await its.api.create(SECRETS, secret('a'));
        await its.api.create(SECRETS, secret('b', 'helm.sh/release.v1'));
        const names = async (fields: Record<string, string>): Promise<string[]> =>
          (await its.api.list(SECRETS, { namespace: 'default', fields })).items.map(
            ({ metadata }) => metadata.name,
          );
        expect(await names({ type: 'Opaque' })).toEqual(['a']);
        expect(await names({ 'metadata.name': 'b' })).toEqual(['b']);
        expect(await names({ type: 'Opaque', 'metadata.name': 'b' })).toEqual([]);
      });

      test('kinds without namespaces', async () => {
        await its.api.create(NODES, node('one'));
        await its.api.patch(NODES, { namespace: '', name: 'one' }, [
          { op: 'add', path: '/spec/unschedulable', value: true },
        ]);
        expect(await its.api.get(NODES, { namespace: '', name: 'one' })).toMatchObject({
          spec: { unschedulable: true },
        });
      });
    });

    describe('status', () => {
      test('is left by writes of the object, and a write of it leaves the object', async () => {
        await its.api.create(SIP_CLUSTERS, {
          ...cluster(),
          status: { phase: 'Ready' },
        } as unknown as SipCluster);
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).not.toHaveProperty('status');
        const status = { phase: 'Ready', conditions: [] };
        const written = { ...cluster({ replicas: 99 }), status } as unknown as SipCluster;
        await its.api.apply(SIP_CLUSTERS, written, { fieldManager: 'status', subresource: 'status' });
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          metadata: { generation: 1 },
          spec: { replicas: 3 },
          status: { phase: 'Ready' },
        });
        await its.api.apply(
          SIP_CLUSTERS,
          { ...cluster({ replicas: 4 }), status: { phase: 'Failed' } } as unknown as SipCluster,
          { fieldManager: 'user' },
        );
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          metadata: { generation: 2 },
          spec: { replicas: 4 },
          status: { phase: 'Ready' },
        });
      });

      test('of an object that is not there is NotFound', async () => {
        const written = { ...cluster(), status: {} } as unknown as SipCluster;
        const options = { fieldManager: 'status', subresource: 'status' } as const;
        await expect(its.api.apply(SIP_CLUSTERS, written, options)).rejects.toEqual(refused('NotFound', 404));
      });

      test('the scale subresource reads and writes the replicas', async () => {
        await its.api.create(SIP_CLUSTERS, cluster());
        const options = { subresource: 'scale' } as const;
        await its.api.patch(
          SIP_CLUSTERS,
          EDGE,
          [{ op: 'replace', path: '/spec/replicas', value: 2 }],
          options,
        );
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).toMatchObject({
          spec: { replicas: 2 },
          metadata: { generation: 2 },
        });
      });
    });

    describe('conflicts', () => {
      test('a write that means an older version is a Conflict', async () => {
        const { metadata } = await its.api.create(SIP_CLUSTERS, cluster());
        await its.api.patch(SIP_CLUSTERS, EDGE, [{ op: 'replace', path: '/spec/replicas', value: 5 }]);
        const stale = {
          ...cluster(),
          metadata: { ...EDGE, resourceVersion: metadata.resourceVersion ?? '' },
        };
        await expect(its.api.apply(SIP_CLUSTERS, stale, { fieldManager: 'x' })).rejects.toEqual(
          refused('Conflict', 409),
        );
        const replacing = {
          op: 'replace',
          path: '/metadata/resourceVersion',
          value: metadata.resourceVersion,
        } as const;
        await expect(its.api.patch(SIP_CLUSTERS, EDGE, [replacing])).rejects.toEqual(
          refused('Conflict', 409),
        );
      });

      test('a test in a patch that fails leaves everything', async () => {
        await its.api.create(SIP_CLUSTERS, cluster());
        const operations = [
          { op: 'replace', path: '/spec/replicas', value: 5 },
          { op: 'test', path: '/spec/replicas', value: 4 },
        ] as const;
        await expect(its.api.patch(SIP_CLUSTERS, EDGE, operations)).rejects.toEqual(refused('Invalid', 422));
        expect(await its.api.get(SIP_CLUSTERS, EDGE)).toMatchObject({ spec: { replicas: 3 } });
      });

      test('a deletion that means another object of the name is a Conflict', async () => {
        const { metadata } = await its.api.create(SIP_CLUSTERS, cluster());
        await expect(its.api.delete(SIP_CLUSTERS, EDGE, { uid: 'other' })).rejects.toEqual(
          refused('Conflict', 409),
        );
        await its.api.delete(SIP_CLUSTERS, EDGE, { uid: metadata.uid ?? '' });
        await expect(its.api.get(SIP_CLUSTERS, EDGE)).rejects.toEqual(refused('NotFound', 404));
      });
    });

    describe('server-side apply', () => {
      test('makes, changes, and removes what its manager no longer names', async () => {
        await its.api.apply(CONFIG_MAPS, configMap('m', { a: '1', b: '2' }), { fieldManager: 'one' });
        await its.api.apply(CONFIG_MAPS, configMap('m', { c: '3' }), { fieldManager: 'two' });
        const result = await its.api.apply(CONFIG_MAPS, configMap('m', { a: '9' }), { fieldManager: 'one' });
        expect(result.data).toEqual({ a: '9', c: '3' });
      });

      test('leaves a field that another manager applied too', async () => {
        await its.api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        await its.api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'two' });
        const result = await its.api.apply(CONFIG_MAPS, configMap('m', {}), { fieldManager: 'one' });
        expect(result.data).toEqual({ a: '1' });
      });

      test('items of lists are known by their names', async () => {
        const ports: Record<string, number> = { a: 5060, b: 5070, c: 5080, d: 5090 };
        const apply = (fieldManager: string, names: string[]): Promise<SipCluster> => {
          const listeners = names.map((name) => ({ name, port: ports[name] }));
          return its.api.apply(SIP_CLUSTERS, cluster({ listeners }), { fieldManager });
        };
        await apply('one', ['a', 'b']);
        await apply('two', ['c']);
        const { spec } = await apply('one', ['b', 'd']);
        const { listeners } = spec as { listeners: { name: string }[] };
        expect(listeners.map(({ name }) => name).sort()).toEqual(['b', 'c', 'd']);
      });

      test('conditions of two managers stand side by side', async () => {
        await its.api.create(SIP_CLUSTERS, cluster());
        const condition = async (type: string, status: string, fieldManager: string): Promise<SipCluster> => {
          const said = { reason: 'Said', message: 'by a test', lastTransitionTime: '2026-01-01T00:00:00Z' };
          const written = { ...cluster(), status: { conditions: [{ type, status, ...said }] } };
          const options = { fieldManager, subresource: 'status' } as const;
          return its.api.apply(SIP_CLUSTERS, written as unknown as SipCluster, options);
        };
        await condition('Ready', 'False', 'one');
        await condition('Placed', 'True', 'two');
        const result = await condition('Ready', 'True', 'one');
        const texts = result.status?.conditions.map(({ type, status }) => `${type}=${status}`).sort();
        expect(texts).toEqual(['Placed=True', 'Ready=True']);
      });

      test('the same again is no new version', async () => {
        const first = await its.api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        const second = await its.api.apply(CONFIG_MAPS, configMap('m', { a: '1' }), { fieldManager: 'one' });
        expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      });
    });
  });
}
