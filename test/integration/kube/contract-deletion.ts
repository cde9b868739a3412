import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, POD_DISRUPTION_BUDGETS, PODS } from '../../../src/kube/kinds.ts';
import { budget, configMap, pod } from '../../unit/kube/samples.ts';
import { refused, type ApiUnderTest, type Implementation } from './api-under-test.ts';

/** How objects end in every implementation. */
export function deletionContract([name, open]: Implementation): void {
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

    /** A pod that runs and is ready. */
    async function runningPod(podName: string): Promise<void> {
      const made = pod(podName, { app: 'edge' });
      made.spec.nodeName = 'one';
      await api.create(PODS, made);
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
        await under.countBudgets();
        await expect(api.evict({ namespace: 'default', name: 'a' })).rejects.toEqual(
          refused('TooManyRequests', 429),
        );
        await runningPod('b');
        await under.countBudgets();
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
}
