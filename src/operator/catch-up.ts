import { setTimeout } from 'node:timers/promises';
import type { KubeObject } from '../api/object-type.ts';
import type { KubeApi, ResourceKind } from '../kube/api.ts';
import { DIALOG_SHARDS, PODS, SIP_CLUSTERS } from '../kube/kinds.ts';
import type { Caches } from './caches.ts';

const PAUSE_MS = 20;

/**
 * Resolves when the caches have seen all that is there now: whoever led before may have written what they have not, and a pod
 * that is in the roster but not in the cache would pass for one that is gone. Rejects with KubeError if the API is away.
 */
export async function catchUp(
  { api, caches, namespace }: { api: KubeApi; caches: Caches; namespace: string },
  goOn: () => boolean,
): Promise<void> {
  for (const kind of [SIP_CLUSTERS, DIALOG_SHARDS, PODS] as ResourceKind[]) {
    const { items } = await api.list(kind, namespace === '' ? {} : { namespace });
    const versions = items.map(({ metadata }: KubeObject) => metadata.resourceVersion ?? '');
    while (goOn() && !versions.every((version) => caches.hasSeen(kind.plural, version)))
      await setTimeout(PAUSE_MS);
  }
}
