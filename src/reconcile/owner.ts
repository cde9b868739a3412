import { LABELS } from '../api/annotations.ts';
import type { ObjectMeta } from '../api/object-type.ts';
import { API_VERSION } from '../api/sip-cluster-type.ts';

/** Metadata of an object that belongs to the cluster and goes with it. */
export function ownedMetadata(cluster: ObjectMeta, name: string): ObjectMeta {
  return {
    name,
    ...(cluster.namespace === undefined ? {} : { namespace: cluster.namespace }),
    labels: { [LABELS.cluster.key]: cluster.name },
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: 'SipCluster',
        name: cluster.name,
        uid: cluster.uid ?? '',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}
