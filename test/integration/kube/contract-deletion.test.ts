import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, POD_DISRUPTION_BUDGETS, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { budget, cluster, configMap, EDGE, pod } from '../../unit/kube/samples.ts';
import { IMPLEMENTATIONS, refused, type ApiUnderTest } from './api-under-test.ts';

describe.each(IMPLEMENTATIONS)('%s:', (_name, open) => {
  let under: ApiUnderTest;
  let api: KubeApi;

  beforeEach(async () => {
    under = await open();
    api = under.api;
  });

  afterEach(async () => {
    await under.close();
  });

  /** A pod that runs and is ready. */
  async function runningPod(podName: string): Promise<void> {
    await api.create(PODS, pod(podName, { app: 'edge' }));
    await api.patch(PODS, { namespace: 'default', name: podName }, [
      { op: 'add', path: '/spec/nodeName', value: 'one' },
    ]);
    const conditions = [{ type: 'Ready', status: 'True' }];
    await api.patch(
      PODS,
      { namespace: 'default', name: podName },
      [{ op: 'replace', path: '/status', value: { phase: 'Running', conditions } }],
      { subresource: 'status' },
    );
  }

  describe('deletion', () => {
    test('a pod that runs goes when its kubelet says so', async () => {
      await runningPod('p');
      const ref = { namespace: 'default', name: 'p' };
      await api.delete(PODS, ref, { gracePeriodSeconds: 20 });
      const going = await api.get(PODS, ref);
      expect(going.metadata).toMatchObject({ deletionGracePeriodSeconds: 20 });
      expect(going.metadata.deletionTimestamp).toMatch(/Z$/);
      await api.delete(PODS, ref, { gracePeriodSeconds: 0 });
      await expect(api.get(PODS, ref)).rejects.toEqual(refused('NotFound', 404));
    });

    test('a pod without a node goes at once', async () => {
      await api.create(PODS, pod('p'));
      await api.delete(PODS, { namespace: 'default', name: 'p' });
      await expect(api.get(PODS, { namespace: 'default', name: 'p' })).rejects.toEqual(
        refused('NotFound', 404),
      );
    });

    test('what belongs to an object goes with it, and what belongs to it in turn', async () => {
      const owned = (name: string, owner: KubeObject): ConfigMap => {
        const made = configMap(name);
        const { apiVersion, kind, metadata } = owner;
        made.metadata.ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }];
        return made;
      };
      const owner = await api.create(SIP_CLUSTERS, cluster());
      const child = await api.create(CONFIG_MAPS, owned('child', owner));
      await api.create(CONFIG_MAPS, owned('grandchild', child));
      await api.create(CONFIG_MAPS, configMap('nobodys'));
      await api.delete(SIP_CLUSTERS, EDGE);
      const names = async (): Promise<string> =>
        (await api.list(CONFIG_MAPS, {})).items.map(({ metadata }) => metadata.name).join();
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what was owned');
      await api.create(CONFIG_MAPS, owned('late', owner));
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what came late');
      expect(await names()).toBe('nobodys');
    });

    test('an object with a finalizer stays until it is taken away', async () => {
      const made = configMap('m');
      made.metadata.finalizers = ['sip.rehome.dev/keep'];
      await api.create(CONFIG_MAPS, made);
      const ref = { namespace: 'default', name: 'm' };
      await api.delete(CONFIG_MAPS, ref);
      expect((await api.get(CONFIG_MAPS, ref)).metadata.deletionTimestamp).toMatch(/Z$/);
      await api.patch(CONFIG_MAPS, ref, [{ op: 'remove', path: '/metadata/finalizers' }]);
      await expect(api.get(CONFIG_MAPS, ref)).rejects.toEqual(refused('NotFound', 404));
    });

    test('an eviction is refused while a budget forbids it', async () => {
      await api.create(POD_DISRUPTION_BUDGETS, budget(1));
      await runningPod('a');
      await expect(api.evict({ namespace: 'default', name: 'a' })).rejects.toEqual(
        refused('TooManyRequests', 429),
      );
      await runningPod('b');
      await api.evict({ namespace: 'default', name: 'a' });
      expect((await api.get(PODS, { namespace: 'default', name: 'a' })).metadata.deletionTimestamp).toMatch(
        /Z$/,
      );
      await expect(api.evict({ namespace: 'default', name: 'b' })).rejects.toEqual(
        refused('TooManyRequests', 429),
      );
    });
  });
});
