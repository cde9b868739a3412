import { ANNOTATIONS } from '../api/annotations.ts';
import { memberId } from '../api/member-id.ts';
import { MESH_PORT } from '../api/pod-ports.ts';
import type { ControlReport } from '../api/control.ts';
import type { ObservedNode, ObservedPod } from './observed.ts';

/** Taint by which a person says that a node's processes have ended (Non-Graceful Node Shutdown of Kubernetes). */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** Node label of the zone (well-known labels of Kubernetes). */
const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** A pod with what everybody asks of it. */
export interface PodView {
  name: string;
  uid: string;
  /** Its id in the mesh. */
  member: string;
  node: string;
  zone: string;
  /** host:port of its mesh; '' while it has no address. */
  mesh: string;
  /** N in `<cluster>-N`; Infinity for a name of another shape. */
  ordinal: number;
  createdAtMs: number;
  templateHash: string;
  /** It is known that its processes have ended, or its node is gone and it does not answer. */
  dead: boolean;
  /** Its deletion was asked for. */
  terminating: boolean;
  /** Its control API answers now. */
  reachable: boolean;
  /** Its control API has shown a voter id. */
  joined: boolean;
  /** By the kubelet's word. */
  ready: boolean;
  report: ControlReport | undefined;
  object: ObservedPod;
}

/** The pods of a cluster by name; of two with one name the living one, then the younger. */
export function viewPods(
  cluster: string,
  pods: readonly ObservedPod[],
  nodes: readonly ObservedNode[],
): PodView[] {
  const byName = new Map<string, PodView>();
  for (const pod of pods) {
    const view = viewPod(cluster, pod, nodes);
    const other = byName.get(view.name);
    if (other === undefined || isBetter(view, other)) byName.set(view.name, view);
  }
  return [...byName.values()].sort(byOrdinal);
}

/** By ordinal, then by name. */
export function byOrdinal(left: PodView, right: PodView): number {
  if (left.ordinal !== right.ordinal) return left.ordinal < right.ordinal ? -1 : 1;
  return compareText(left.name, right.name);
}

/** Order of two texts that is the same on every machine. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** host:port, an IPv6 address in brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Milliseconds since 1970 of an RFC 3339 text; 0 if there is none or it is malformed. */
export function timeOf(text: string | undefined): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

function isBetter(view: PodView, other: PodView): boolean {
  if (view.dead !== other.dead) return !view.dead;
  return view.createdAtMs > other.createdAtMs;
}

function viewPod(cluster: string, pod: ObservedPod, nodes: readonly ObservedNode[]): PodView {
  const { report, metadata } = pod;
  const { name, uid = '' } = metadata;
  const node = nodes.find((each) => each.metadata.name === pod.nodeName);
  return {
    name,
    uid,
    member: memberId(name, uid),
    node: pod.nodeName,
    zone: zoneOf(node),
    mesh: meshOf(pod),
    ordinal: ordinalOf(cluster, name),
    createdAtMs: timeOf(metadata.creationTimestamp),
    templateHash: metadata.annotations?.[ANNOTATIONS.templateHash.key] ?? '',
    dead: isDead(pod, isNodeOver(pod, node, nodes.length > 0)),
    terminating: metadata.deletionTimestamp !== undefined,
    reachable: report !== undefined && pod.unreachableSinceMs === undefined,
    joined: report !== undefined && report.voterId !== '',
    ready: pod.ready,
    report,
    object: pod,
  };
}

/** host:port of a pod's mesh; '' while it has no address. */
export function meshOf({ podIP, meshPort }: Pick<ObservedPod, 'podIP' | 'meshPort'>): string {
  return podIP === '' ? '' : hostPort(podIP, meshPort ?? MESH_PORT);
}

function zoneOf(node: ObservedNode | undefined): string {
  return node?.metadata.labels?.[ZONE_LABEL] ?? '';
}

/** Whether a pod's node is gone, or a person has said that nothing runs there any more. */
function isNodeOver({ nodeName }: ObservedPod, node: ObservedNode | undefined, areSeen: boolean): boolean {
  if (node === undefined) return areSeen && nodeName !== '';
  return node.taints.includes(OUT_OF_SERVICE);
}

/** Without its node a pod that does not answer will not answer again; Kubernetes collects its object later. */
function isDead(pod: ObservedPod, nodeIsOver: boolean): boolean {
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return true;
  if (pod.metadata.deletionTimestamp !== undefined && pod.ended) return true;
  return nodeIsOver && (pod.report === undefined || pod.unreachableSinceMs !== undefined);
}

/** N in `<cluster>-N`; Infinity for a name of another shape. */
export function ordinalOf(cluster: string, name: string): number {
  const digits = name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : '';
  return /^\d{1,6}$/.test(digits) ? Number(digits) : Infinity;
}
