import type { KubeApi } from '../../kube/api.ts';
import { LEASES, NODES } from '../../kube/kinds.ts';
import { microTime } from '../../kube/micro-time.ts';
import type { Lease, Node, PodCondition } from '../../kube/objects.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
/** As the kubelet has them. */
const LEASE_SECONDS = 40;
/** How often the kubelet renews its lease. */
export const RENEW_MS = 10_000;

/** A node of this machine. */
export interface LocalNode {
  name: string;
  zone: string;
  address: string;
}

const FIRST_NODE_HOST = 201;

/** Nodes `node-0` and so on, with the zones in turn, at 127.0.N.201 and so on. */
export function localNodes(count: number, zones: readonly string[], network: number): LocalNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `node-${index}`,
    zone: zones[index % zones.length] ?? '',
    address: `127.0.${network}.${FIRST_NODE_HOST + index}`,
  }));
}

/** Makes the objects of a node: the Node, ready, and its Lease. `now` is RFC 3339, here and below. */
export async function registerNode(api: KubeApi, node: LocalNode, now: string): Promise<void> {
  await api.create(NODES, nodeObject(node));
  const { status } = nodeObject(node, now);
  await api.patch(
    NODES,
    { namespace: '', name: node.name },
    [{ op: 'add', path: '/status', value: status }],
    { subresource: 'status' },
  );
  await api.create(LEASES, leaseObject(node, now));
}

/** Says in the node's Lease that the node lives. */
export async function renewLease(api: KubeApi, { name }: LocalNode, now: string): Promise<void> {
  await api.patch(LEASES, { namespace: LEASE_NAMESPACE, name }, [
    { op: 'add', path: '/spec/renewTime', value: microTime(Date.parse(now)) },
  ]);
}

function nodeObject({ name, zone, address }: LocalNode, now?: string): Node {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    ...(zone === '' ? {} : { 'topology.kubernetes.io/zone': zone }),
  };
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {} };
  if (now === undefined) return node;
  const addresses = [
    { type: 'InternalIP', address },
    { type: 'Hostname', address: name },
  ];
  return { ...node, status: { conditions: [readyCondition(now)], addresses } };
}

function readyCondition(now: string): PodCondition {
  const message = 'kubelet is posting ready status';
  return { type: 'Ready', status: 'True', reason: 'KubeletReady', message, lastTransitionTime: now };
}

function leaseObject({ name }: LocalNode, now: string): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: LEASE_NAMESPACE },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: microTime(Date.parse(now)),
    },
  };
}
