import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import { KubeError, type KubeApi, type ResourceKind } from '../../../src/kube/api.ts';
import { SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { NAMESPACE, sipCluster } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

/** The API behind a quota: it takes no pod of the cluster edge while `isFull`. */
function withQuota(inner: KubeApi, quota: { isFull: boolean; asked: number }): KubeApi {
  return new Proxy(inner, {
    get(api, name, receiver) {
      if (name !== 'create') return (Reflect.get(api, name, receiver) as () => unknown).bind(api);
      return async <T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T> => {
        if (kind.kind !== 'Pod' || !object.metadata.name.startsWith('edge-')) return api.create(kind, object);
        quota.asked++;
        if (quota.isFull) throw new KubeError(403, 'Forbidden', 'pods "edge" is forbidden: exceeded quota');
        return api.create(kind, object);
      };
    },
  });
}

describe('pods that Kubernetes refuses', () => {
  it('are told by an Event, tried again in time, and keep no other cluster from its pods', async () => {
    const world = new World();
    const quota = { isFull: true, asked: 0 };
    await world.start({ replicas: 2, shards: 2 }, ['n1', 'n2', 'n3'], withQuota(world.api, quota));
    await world.api.create(SIP_CLUSTERS, sipCluster('core', { replicas: 1, shards: 1 }));
    await world.untilSaid('PodRefused');
    const told = world.events.find(({ eventReason }) => eventReason === 'PodRefused');
    expect(told).toMatchObject({ eventType: 'Warning', about: { kind: 'SipCluster', name: 'edge' } });
    expect(told?.note).toContain('exceeded quota');
    expect(
      world.events.filter(({ note, eventReason }) => eventReason === 'PodCreated' && note.startsWith('edge')),
    ).toEqual([]);
    await world.until(
      async () => {
        const { status } = await world.api.get(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'core' });
        return status?.phase === 'Ready';
      },
      'the other cluster is ready',
      60_000,
    );
    await world.until(async () => {
      const { status } = await world.cluster();
      const ready = status?.conditions.find(({ type }) => type === 'Ready');
      return ready?.reason === 'PodsMissing' && ready.message.includes('exceeded quota');
    }, 'the condition has the words of the quota');
    quota.isFull = false;
    await world.until(
      async () => (await world.cluster()).status?.phase === 'Ready',
      'the cluster is ready once its pods are taken',
      90_000,
    );
  }, 240_000);
});
