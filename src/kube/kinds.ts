import type { DialogShard } from '../api/dialog-shard-type.ts';
import type { KubeObject } from '../api/object-type.ts';
import type { SipCluster } from '../api/sip-cluster-type.ts';
import type { ResourceKind } from './api.ts';
import type {
  ConfigMap,
  EndpointSlice,
  KubeEvent,
  Lease,
  NetworkPolicy,
  Node,
  Pod,
  PodDisruptionBudget,
  Secret,
  Service,
} from './objects.ts';

const REHOME = 'sip.rehome.dev';

function kind<T extends KubeObject>(
  apiVersion: string,
  name: T['kind'],
  plural: string,
  namespaced = true,
): ResourceKind<T> {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind: name, plural, namespaced };
}

/** The kinds that Rehome reads or writes. */
export const SIP_CLUSTERS: ResourceKind<SipCluster> = kind(`${REHOME}/v1alpha1`, 'SipCluster', 'sipclusters');
export const DIALOG_SHARDS: ResourceKind<DialogShard> = kind(
  `${REHOME}/v1alpha1`,
  'DialogShard',
  'dialogshards',
);
export const PODS: ResourceKind<Pod> = kind('v1', 'Pod', 'pods');
export const CONFIG_MAPS: ResourceKind<ConfigMap> = kind('v1', 'ConfigMap', 'configmaps');
export const SECRETS: ResourceKind<Secret> = kind('v1', 'Secret', 'secrets');
export const NODES: ResourceKind<Node> = kind('v1', 'Node', 'nodes', false);
export const EVENTS: ResourceKind<KubeEvent> = kind('events.k8s.io/v1', 'Event', 'events');
export const LEASES: ResourceKind<Lease> = kind('coordination.k8s.io/v1', 'Lease', 'leases');
export const POD_DISRUPTION_BUDGETS: ResourceKind<PodDisruptionBudget> = kind(
  'policy/v1',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
);
export const SERVICES: ResourceKind<Service> = kind('v1', 'Service', 'services');
export const ENDPOINT_SLICES: ResourceKind<EndpointSlice> = kind(
  'discovery.k8s.io/v1',
  'EndpointSlice',
  'endpointslices',
);
export const NETWORK_POLICIES: ResourceKind<NetworkPolicy> = kind(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
);
