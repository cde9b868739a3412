import { describe, expect, test } from '@jest/globals';
import { KubeError, type KubeApi } from '../../../src/kube/api.ts';
import { DIALOG_SHARDS, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { NAMESPACE } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

const LIMIT_MS = 90_000;
const QUIET_MS = 1000;

/** The same API with some of its methods played. */
function but(inner: KubeApi, played: Partial<KubeApi>): KubeApi {
  return {
    get: (kind, ref) => inner.get(kind, ref),
    list: (kind, selection) => inner.list(kind, selection),
    watch: (kind, options, onEvent) => inner.watch(kind, options, onEvent),
    create: (kind, object) => inner.create(kind, object),
    apply: (kind, object, options) => inner.apply(kind, object, options),
    patch: (kind, ref, operations, options) => inner.patch(kind, ref, operations, options),
    delete: (kind, ref, options) => inner.delete(kind, ref, options),
    evict: (ref, options) => inner.evict(ref, options),
    ...played,
  };
}

describe('at the end of a cluster an operator', () => {
  test(
    'makes nothing again in a namespace that is being deleted, and asks once',
    async () => {
      const world = new World();
      let isEnding = false;
      let refused = 0;
      const api = but(world.api, {
        create: async (kind, object) => {
          if (!isEnding) return world.api.create(kind, object);
          refused++;
          const why = `unable to create new content in namespace ${NAMESPACE} because it is being terminated`;
          throw new KubeError(403, 'Forbidden', `${kind.plural} "x" is forbidden: ${why}`);
        },
      });
      await world.start({}, undefined, api);
      await world.untilSettled(3);
      isEnding = true;
      // As the namespace controller does: kind by kind, the SipCluster last.
      for (const { metadata } of await world.shards())
        await world.api.delete(DIALOG_SHARDS, { namespace: NAMESPACE, name: metadata.name });
      for (const { metadata } of await world.pods())
        await world.api.delete(PODS, { namespace: NAMESPACE, name: metadata.name });
      await world.until(async () => (await world.pods()).length === 0, 'the pods are gone');
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      expect(await world.pods()).toEqual([]);
      // All steps of one plan.
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThanOrEqual(8);
      await world.api.delete(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });
    },
    LIMIT_MS,
  );

  test(
    'makes nothing for one that waits for its dependents',
    async () => {
      const world = new World();
      await world.start();
      await world.untilSettled(3);
      // As a deletion in the foreground leaves it.
      const ref = { namespace: NAMESPACE, name: 'edge' };
      await world.patch(SIP_CLUSTERS, 'edge', [
        { op: 'add', path: '/metadata/finalizers', value: ['foregroundDeletion'] },
      ]);
      await world.api.delete(SIP_CLUSTERS, ref);
      await world.until(
        async () => (await world.cluster()).status?.phase === 'Deleting',
        'the status says that it is being deleted',
      );
      const creations = world.reasons.filter((reason) => reason === 'PodCreated').length;
      for (const { metadata } of await world.pods())
        await world.api.delete(PODS, { namespace: NAMESPACE, name: metadata.name });
      await world.until(async () => (await world.pods()).length === 0, 'the pods are gone');
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      expect(await world.pods()).toEqual([]);
      expect(world.reasons.filter((reason) => reason === 'PodCreated')).toHaveLength(creations);
    },
    LIMIT_MS,
  );
});
