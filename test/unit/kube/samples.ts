import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import type { ConfigMap, Node, Pod, PodDisruptionBudget } from '../../../src/kube/objects.ts';

/** Where the cluster of the samples is. */
export const EDGE: { namespace: string; name: string } = { namespace: 'default', name: 'edge' };

/** A SipCluster that a server takes; a spec that is no object is left as it is. */
export function cluster(spec: unknown = { replicas: 3 }): SipCluster {
  const listeners = [{ name: 'public', port: 5060 }];
  const whole = typeof spec === 'object' ? { listeners, ...spec } : spec;
  return { apiVersion: 'sip.rehome.dev/v1alpha1', kind: 'SipCluster', metadata: { ...EDGE }, spec: whole };
}

export function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data };
}

export function pod(name: string, labels: Record<string, string> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, labels },
    spec: { containers: [{ name: 'proxy', image: 'rehome:1' }] },
  };
}

export function node(name: string): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} };
}

export function budget(minAvailable: number): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace: 'default', name: 'edge' },
    spec: { minAvailable, selector: { matchLabels: { app: 'edge' } } },
  };
}
