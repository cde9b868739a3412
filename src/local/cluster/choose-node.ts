import { LABELS } from '../../api/annotations.ts';
import type { Node, Pod } from '../../kube/objects.ts';

/** The node for a pod, or why there is none, in the scheduler's words. */
export type Choice = { node: string } | { reason: string };

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

/** Why a node is not for a pod; undefined if it is. In this order, as one reason a node is counted. */
const FILTERS: readonly ((pod: Pod, node: Node, there: readonly Pod[]) => string | undefined)[] = [
  (_pod, node) => (node.spec.unschedulable === true ? 'node(s) were unschedulable' : undefined),
  (_pod, node) => (isReady(node) ? undefined : 'node(s) were not ready'),
  (pod, node) => (selects(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"),
  taintReason,
  portReason,
];

/** Chooses for a pod the node with the fewest pods of its cluster, then with the fewest pods, then the first by name. */
export function chooseNode(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): Choice {
  const reasons = new Map<string, number>();
  const fitting: Node[] = [];
  for (const node of nodes) {
    const reason = reasonAgainst(pod, node, podsAt(node, pods));
    if (reason === undefined) fitting.push(node);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const [best] = fitting.map((node) => crowding(pod, node, pods)).sort(byCrowding);
  if (best !== undefined) return { node: best.node };
  const counts = [...reasons].map(([reason, count]) => `${count} ${reason}`);
  return { reason: `0/${nodes.length} nodes are available: ${counts.join(', ')}.` };
}

function reasonAgainst(pod: Pod, node: Node, there: readonly Pod[]): string | undefined {
  for (const filter of FILTERS) {
    const reason = filter(pod, node, there);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

function selects({ spec }: Pod, { metadata }: Node): boolean {
  return Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => metadata.labels?.[key] === value);
}

function taintReason({ spec }: Pod, node: Node): string | undefined {
  const tolerations = (spec['tolerations'] ?? []) as readonly Toleration[];
  const against = (node.spec.taints ?? []).find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
  return against === undefined
    ? undefined
    : `node(s) had untolerated taint {${against.key}: ${against.value ?? ''}}`;
}

function tolerates(
  { key, operator = 'Equal', value = '', effect = '' }: Toleration,
  taint: { key: string; value?: string; effect: string },
): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (operator === 'Exists') return key === undefined || key === taint.key;
  return key === taint.key && value === (taint.value ?? '');
}

/** Pods that use their node's address share its ports. */
function portReason(pod: Pod, _node: Node, there: readonly Pod[]): string | undefined {
  const wanted = nodePorts(pod);
  const taken = there.flatMap(nodePorts);
  return wanted.some((port) => taken.includes(port))
    ? "node(s) didn't have free ports for the requested pod ports"
    : undefined;
}

function nodePorts({ spec }: Pod): string[] {
  if (spec.hostNetwork !== true) return [];
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`);
}

function podsAt({ metadata }: Node, pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => pod.spec.nodeName === metadata.name && !hasEnded(pod));
}

interface Crowding {
  node: string;
  ofCluster: number;
  all: number;
}

function crowding(pod: Pod, node: Node, pods: readonly Pod[]): Crowding {
  const there = podsAt(node, pods);
  const cluster = clusterOf(pod);
  return {
    node: node.metadata.name,
    ofCluster: cluster === undefined ? 0 : there.filter((other) => clusterOf(other) === cluster).length,
    all: there.length,
  };
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function clusterOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[LABELS.cluster.key];
}

function byCrowding(a: Crowding, b: Crowding): number {
  return a.ofCluster - b.ofCluster || a.all - b.all || (a.node < b.node ? -1 : 1);
}
