import { describe, expect, test } from '@jest/globals';
import { CONFIG_MAPS, POD_DISRUPTION_BUDGETS, PODS } from '../../../src/kube/kinds.ts';
import { budget, configMap, pod } from '../../unit/kube/samples.ts';
import { refused, type Implementation } from './api-under-test.ts';
import { describeApi } from './contract-frame.ts';

/** How objects end in every implementation. */
export function deletionContract(implementation: Implementation): void {
  describeApi(implementation, (its) => {
    /** A pod that runs and is ready. */
    async function runningPod(podName: string): Promise<void> {
      const made = pod(podName, { app: 'edge' });
      made.spec.nodeName = 'one';
      await its.api.create(PODS, made);
      const conditions = [{ type: 'Ready', status: 'True' }];
      await its.api.patch(
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
        await its.api.delete(PODS, ref, { gracePeriodSeconds: 20 });
        const going = await its.api.get(PODS, ref);
        expect(going.metadata).toMatchObject({ deletionGracePeriodSeconds: 20 });
        expect(going.metadata.deletionTimestamp).toMatch(/Z$/);
        await its.api.delete(PODS, ref, { gracePeriodSeconds: 0 });
        await expect(its.api.get(PODS, ref)).rejects.toEqual(refused('NotFound', 404));
      });

      test('a pod without a node goes at once', async () => {
        await its.api.create(PODS, pod('p'));
        await its.api.delete(PODS, { namespace: 'default', name: 'p' });
        await expect(its.api.get(PODS, { namespace: 'default', name: 'p' })).rejects.toEqual(
          refused('NotFound', 404),
        );
      });

      test('an object with a finalizer stays until it is taken away', async () => {
        const made = configMap('m');
        made.metadata.finalizers = ['sip.rehome.dev/keep'];
        await its.api.create(CONFIG_MAPS, made);
        const ref = { namespace: 'default', name: 'm' };
        await its.api.delete(CONFIG_MAPS, ref);
        expect((await its.api.get(CONFIG_MAPS, ref)).metadata.deletionTimestamp).toMatch(/Z$/);
        await its.api.patch(CONFIG_MAPS, ref, [{ op: 'remove', path: '/metadata/finalizers' }]);
        await expect(its.api.get(CONFIG_MAPS, ref)).rejects.toEqual(refused('NotFound', 404));
      });

      test('an eviction is refused while a budget forbids it', async () => {
        await its.api.create(POD_DISRUPTION_BUDGETS, budget(1));
        await runningPod('a');
        await its.countBudgets();
        await expect(its.api.evict({ namespace: 'default', name: 'a' })).rejects.toEqual(
          refused('TooManyRequests', 429),
        );
        await runningPod('b');
        await its.countBudgets();
        await its.api.evict({ namespace: 'default', name: 'a' });
        expect(
          (await its.api.get(PODS, { namespace: 'default', name: 'a' })).metadata.deletionTimestamp,
        ).toMatch(/Z$/);
        await expect(its.api.evict({ namespace: 'default', name: 'b' })).rejects.toEqual(
          refused('TooManyRequests', 429),
        );
      });
    });
  });
}
