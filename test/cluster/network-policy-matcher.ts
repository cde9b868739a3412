import { BlockList } from 'node:net';

type Labels = Readonly<Record<string, string>>;

/** A metav1.LabelSelector, as far as our policies use one. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string }[];
}

interface Peer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string };
}

interface PolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

/** A networking/v1 NetworkPolicy about what comes in. */
export interface IngressPolicy {
  metadata: { namespace?: string };
  spec: {
    podSelector: LabelSelector;
    policyTypes: readonly string[];
    ingress: readonly { from?: readonly Peer[]; ports?: readonly PolicyPort[] }[];
  };
}

/** A pod, or whoever else has an address: that one has no labels. */
export interface Party {
  address: string;
  pod?: { namespace: string; labels: Labels };
}

/** A pod that somebody wants to reach, with the ports of its container. */
export interface Reached {
  namespace: string;
  labels: Labels;
  ports: readonly { name: string; containerPort: number; protocol: string }[];
}

/** A port by number and protocol, as `5060/UDP`. */
export type PortText = `${number}/${'TCP' | 'UDP'}`;

/** Whether these policies let a packet in, by the rules of networking/v1: a pod that none selects is open. */
export function isLetIn(
  policies: readonly IngressPolicy[],
  from: Party,
  { to, port }: { to: Reached; port: PortText },
): boolean {
  const about = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === to.namespace &&
      spec.policyTypes.includes('Ingress') &&
      isSelected(spec.podSelector, to.labels),
  );
  const rules = about.flatMap((policy) => policy.spec.ingress.map((rule) => ({ rule, policy })));
  const isFrom = (peer: Peer, policy: IngressPolicy): boolean =>
    isPeer(peer, from, policy.metadata.namespace ?? '');
  return (
    about.length === 0 ||
    rules.some(
      ({ rule: { from: peers = [], ports = [] }, policy }) =>
        (peers.length === 0 || peers.some((peer) => isFrom(peer, policy))) &&
        (ports.length === 0 || ports.some((each) => isPort(each, port, to))),
    )
  );
}

/** Whether a selector chooses an object with these labels. Throws Error at an operator that is not known here. */
export function isSelected(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator }) => {
      if (operator !== 'Exists') throw new Error(`operator ${operator}`);
      return key in labels;
    })
  );
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, from: Party, ofPolicy: string): boolean {
  if (ipBlock !== undefined) return isWithin(ipBlock.cidr, from.address);
  const { pod } = from;
  if (pod === undefined) return false;
  const namespaceLabels = { 'kubernetes.io/metadata.name': pod.namespace };
  const isNamespace =
    namespaceSelector === undefined
      ? pod.namespace === ofPolicy
      : isSelected(namespaceSelector, namespaceLabels);
  return isNamespace && isSelected(podSelector ?? {}, pod.labels);
}

function isWithin(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  return list.check(address, 'ipv4');
}

function isPort({ protocol = 'TCP', port, endPort }: PolicyPort, wanted: PortText, to: Reached): boolean {
  const [number = '', transport] = wanted.split('/');
  if (protocol !== transport) return false;
  if (port === undefined) return true;
  const first =
    typeof port === 'number'
      ? port
      : to.ports.find((each) => each.name === port && each.protocol === protocol)?.containerPort;
  return first !== undefined && Number(number) >= first && Number(number) <= (endPort ?? first);
}
