import { LABELS } from '../api/annotations.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import type { ClusterListener, EntryService, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { ownedMetadata } from './owner.ts';
import { CONTROL, HTTP, MESH_PORTS, portOfPods, sipPorts, type PodPort } from './pod-ports.ts';

/** An object with everything that the operator says of it. */
export type OwnObject = KubeObject & { spec: Record<string, unknown> };

/** Label and value of the operator's pods, as its chart sets them. */
const OPERATOR_LABEL = { 'app.kubernetes.io/name': 'rehome-operator' };

/** The names of all pods of a cluster, whether or not they are ready: they find each other before they are. */
export function meshService(cluster: ObjectMeta): OwnObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(cluster, `${cluster.name}-mesh`),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: podsOf(cluster),
      ports: [...MESH_PORTS, CONTROL].map(({ name, port, protocol }) => ({
        ...{ name, port, protocol },
        targetPort: name,
      })),
    },
  };
}

/** The way in for new calls. */
export function entryService(cluster: ObjectMeta, spec: SipClusterSpec): OwnObject {
  const { service } = spec;
  const owned = ownedMetadata(cluster, cluster.name);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...owned,
      labels: { ...service.labels, ...owned.labels },
      annotations: { ...service.annotations },
    },
    spec: {
      type: service.type,
      selector: podsOf(cluster),
      ports: sipPorts(enteredListeners(spec)).map((each) => ({
        name: each.name,
        protocol: each.protocol,
        port: each.port,
        targetPort: portOfPods(spec, each),
      })),
      ...outside(service),
    },
  };
}

/** Who may send what to the pods. */
export function networkPolicy(cluster: ObjectMeta, spec: SipClusterSpec): OwnObject {
  const ports = (all: readonly PodPort[]): object[] =>
    all.map((each) => ({ protocol: each.protocol, port: portOfPods(spec, each) }));
  const pods = { podSelector: { matchLabels: podsOf(cluster) } };
  const operator = { namespaceSelector: {}, podSelector: { matchLabels: OPERATOR_LABEL } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMetadata(cluster, cluster.name),
    spec: {
      podSelector: { matchLabels: podsOf(cluster) },
      policyTypes: ['Ingress'],
      ingress: [
        { ports: ports([...sipPorts(spec.listeners), HTTP]) },
        { from: [pods, operator], ports: ports(MESH_PORTS) },
        { from: [operator], ports: ports([CONTROL]) },
      ],
    },
  };
}

function enteredListeners({ listeners, service }: SipClusterSpec): readonly ClusterListener[] {
  if (service.listeners.length === 0) return listeners;
  return listeners.filter(({ name }) => service.listeners.includes(name));
}

/** What a Service that is reached from outside says beside. */
function outside(service: EntryService): Record<string, unknown> {
  const { type, externalTrafficPolicy, loadBalancerClass, loadBalancerSourceRanges } = service;
  if (type === 'ClusterIP') return {};
  if (type === 'NodePort') return { externalTrafficPolicy };
  return {
    externalTrafficPolicy,
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    ...(loadBalancerSourceRanges.length > 0 && { loadBalancerSourceRanges: [...loadBalancerSourceRanges] }),
  };
}

function podsOf({ name }: ObjectMeta): Record<string, string> {
  return { [LABELS.cluster.key]: name };
}
