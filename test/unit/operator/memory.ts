import type { DialogShard } from '../../../src/api/dialog-shard-type.ts';
import { API_VERSION, type SipCluster } from '../../../src/api/sip-cluster-type.ts';
import { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';

/** An empty Kubernetes whose uids are numbered. */
export function newKubernetes(): MemoryKubernetes {
  let uids = 0;
  return new MemoryKubernetes({
    nowMs: () => Date.now(),
    newUid: () => `${(++uids).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  });
}

export const NAMESPACE = 'calls';

export function sipCluster(name: string, spec: Record<string, unknown> = {}): SipCluster {
  return {
    apiVersion: API_VERSION,
    kind: 'SipCluster',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 3,
      shards: 4,
      listeners: [{ name: 'public', transports: ['UDP'], port: 5060 }],
      routes: [{ from: 'public', to: 'media', via: 'public' }],
      targets: [{ name: 'media', addresses: ['127.0.0.2:5060'] }],
      failover: { suspectAfter: '500ms' },
      ...spec,
    },
  };
}

export function dialogShard(cluster: string, tag: string): DialogShard {
  return {
    apiVersion: API_VERSION,
    kind: 'DialogShard',
    metadata: { name: tag, namespace: NAMESPACE },
    spec: { clusterRef: cluster, tag },
  };
}
