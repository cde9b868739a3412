import type { DialogShard } from '../api/dialog-shard-type.ts';
import { parseDialogShardSpec } from '../api/dialog-shard.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import { ANNOTATIONS } from '../api/annotations.ts';
import type { MeshKey } from '../api/proxy-config-type.ts';
import { MESH_PORT, PORT_NAMES } from '../api/pod-ports.ts';
import type { Parsed } from '../api/problem.ts';
import type { SipCluster, SipClusterSpec } from '../api/sip-cluster-type.ts';
import {
  checkSipClusterChange,
  checkSipClusterName,
  checkSipClusterPods,
  parseSipClusterSpec,
} from '../api/sip-cluster.ts';
import { containerPort } from '../kube/container-port.ts';
import type { ConfigMap, Node, Pod, PodCondition, PodDisruptionBudget, Secret } from '../kube/objects.ts';
import { KEY_RINGS, keySecretName } from '../reconcile/key-secrets.ts';
import type {
  KeyRingName,
  Observed,
  ObservedCluster,
  ObservedKeys,
  ObservedNode,
  ObservedOperator,
  ObservedPod,
  ObservedService,
  ObservedShard,
} from '../reconcile/observed.ts';
import { observeService, type ServiceObjects } from './observe-service.ts';
import { podTrouble } from './pod-trouble.ts';
import { referencesOf } from './references.ts';
import type { LinkView } from './links/pod-link.ts';
import { keysIn } from './steps/key-secret.ts';

/** The objects of one cluster as the caches have them. */
export interface ClusterObjects {
  cluster: SipCluster;
  shards: readonly DialogShard[];
  pods: readonly Pod[];
  /** Names that pods of others have, such as those of a former cluster of the same name. */
  takenNames?: readonly string[];
  nodes: readonly Node[];
  /** Why nodes cannot be seen; undefined if they can. */
  nodesHidden?: string;
  /** When the kubelet of a node was last heard, milliseconds since 1970, by its name; left out while Leases are not seen. */
  nodesHeardAtMs?: ReadonlyMap<string, number>;
  configMap: ConfigMap | undefined;
  /** A Secret of the namespace by name; none of a former cluster. */
  secretOf: (name: string) => Secret | undefined;
  /** The Service of a target, by `namespace/name`. */
  serviceOf?: (key: string) => ServiceObjects;
  /** Services and NetworkPolicy of the names that the cluster's have. */
  objects?: readonly KubeObject[];
  disruptionBudget: PodDisruptionBudget | undefined;
}

const NEVER_ASKED: LinkView = {
  report: undefined,
  reportedAtMs: 0,
  unreachableSinceMs: undefined,
  sentState: '',
};

/** The world as the plan wants it: objects read as what they mean, pods with what they say of themselves. */
export function observe(
  objects: ClusterObjects,
  linkOf: (podUid: string) => LinkView | undefined,
  operator: ObservedOperator,
): Observed {
  return {
    cluster: observeCluster(objects),
    shards: objects.shards.map(observeShard),
    pods: objects.pods.map((pod) => observePod(pod, linkOf(pod.metadata.uid ?? '') ?? NEVER_ASKED)),
    services: observeServices(objects),
    takenNames: [...(objects.takenNames ?? [])],
    nodes: objects.nodes.map((node) => {
      const heardAtMs = objects.nodesHeardAtMs?.get(node.metadata.name);
      return { ...observeNode(node), ...(heardAtMs === undefined ? {} : { heardAtMs }) };
    }),
    ...(objects.nodesHidden === undefined ? {} : { nodesHidden: objects.nodesHidden }),
    operator,
  };
}

function observeServices({ cluster, serviceOf }: ClusterObjects): Record<string, ObservedService> {
  if (serviceOf === undefined) return {};
  const { services } = referencesOf(cluster);
  return Object.fromEntries([...services].map((key) => [key, observeService(serviceOf(key))]));
}

function observeCluster(objects: ClusterObjects): ObservedCluster {
  const { cluster, configMap, disruptionBudget } = objects;
  const accepted = acceptedOf(cluster);
  const parsed = readSpec(cluster, accepted?.spec);
  return {
    metadata: cluster.metadata,
    spec: parsed.ok ? parsed.value : undefined,
    problems: parsed.ok ? [] : parsed.problems,
    written: cluster.spec,
    accepted,
    status: cluster.status,
    configMap: configMap && { data: configMap.data ?? {} },
    keys: observeKeys(objects, parsed.ok ? parsed.value : accepted?.spec),
    objects: [...(objects.objects ?? [])],
    disruptionBudget: disruptionBudget && { minAvailable: disruptionBudget.spec.minAvailable ?? 0 },
  };
}

/** The keys that the mesh of a cluster goes by now; none if they are missing. */
export function meshKeysOf(objects: ClusterObjects): readonly MeshKey[] {
  const { cluster } = objects;
  const accepted = acceptedOf(cluster)?.spec;
  const parsed = readSpec(cluster, accepted);
  const spec = parsed.ok ? parsed.value : accepted;
  return keysIn(spec && objects.secretOf(keySecretName(cluster.metadata.name, spec, 'mesh')), 'mesh');
}

function observeKeys(
  { cluster, secretOf }: ClusterObjects,
  spec: SipClusterSpec | undefined,
): NonNullable<ObservedCluster['keys']> {
  if (spec === undefined) return {};
  const found = KEY_RINGS.flatMap((ring): [KeyRingName, ObservedKeys][] => {
    const secret = secretOf(keySecretName(cluster.metadata.name, spec, ring));
    if (secret === undefined) return [];
    const { annotations = {}, creationTimestamp } = secret.metadata;
    const madeAtMs = timeOf(annotations[ANNOTATIONS.keyMade.key] ?? creationTimestamp);
    return [[ring, { ids: keysIn(secret, ring).map(({ id }) => id), madeAtMs }]];
  });
  return Object.fromEntries(found);
}

/** The spec, if neither it, nor the cluster's name, nor what changes from the last good one has problems. */
function readSpec(
  { metadata, spec, status }: SipCluster,
  accepted: SipClusterSpec | undefined,
): Parsed<SipClusterSpec> {
  const parsed = parseSipClusterSpec(spec, status?.accepted?.spec);
  const problems = [...checkSipClusterName(metadata.name)];
  if (!parsed.ok) return { ok: false, problems: [...problems, ...parsed.problems] };
  problems.push(...checkSipClusterPods(metadata.name, parsed.value));
  if (accepted !== undefined) problems.push(...checkSipClusterChange(accepted, parsed.value));
  return problems.length === 0 ? parsed : { ok: false, problems };
}

/** The last good spec; undefined if this version of the program does not take it. */
function acceptedOf({ status }: SipCluster): ObservedCluster['accepted'] {
  if (status?.accepted === undefined) return undefined;
  const parsed = parseSipClusterSpec(status.accepted.spec, status.accepted.spec);
  return parsed.ok ? { generation: status.accepted.generation, spec: parsed.value } : undefined;
}

/** A DialogShard as the plan wants it. */
export function observeShard({ metadata, spec, status }: DialogShard): ObservedShard {
  const parsed = parseDialogShardSpec(spec);
  return {
    metadata,
    spec: parsed.ok ? parsed.value : undefined,
    problems: parsed.ok ? [] : parsed.problems,
    status,
  };
}

function observePod(pod: Pod, link: LinkView): ObservedPod {
  const { metadata, spec, status } = pod;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const containers = status?.containerStatuses ?? [];
  const trouble = podTrouble(pod);
  return {
    metadata,
    nodeName: spec.nodeName ?? '',
    podIP: status?.podIP ?? '',
    meshPort: containerPort(pod, PORT_NAMES.mesh, MESH_PORT),
    phase: status?.phase ?? 'Pending',
    ready: isTrue(ready),
    readySinceMs: timeOf(ready?.lastTransitionTime),
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ended: hasEnded(metadata, status),
    ...(trouble === undefined ? {} : { trouble }),
    ...link,
  };
}

/** Terminated containers of a pod that is neither over nor being deleted are started again. */
function hasEnded(
  { deletionTimestamp }: ObjectMeta,
  { phase, containerStatuses = [] }: NonNullable<Pod['status']> = {},
): boolean {
  const isOver = phase === 'Failed' || phase === 'Succeeded' || deletionTimestamp !== undefined;
  return (
    isOver &&
    containerStatuses.length > 0 &&
    containerStatuses.every(({ state }) => state.terminated !== undefined)
  );
}

/** A node without a word of its health is taken for healthy. */
export function observeNode({ metadata, spec, status }: Node): ObservedNode {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const taints = (spec.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return {
    metadata,
    unschedulable: spec.unschedulable ?? false,
    taints: taints.map(({ key }) => key),
    ready: ready === undefined || isTrue(ready),
    externalAddresses: (status?.addresses ?? [])
      .filter(({ type }) => type === 'ExternalIP')
      .map(({ address }) => address),
  };
}

function isTrue(condition: PodCondition | undefined): boolean {
  return condition?.status === 'True';
}

/** Milliseconds since 1970; 0 if there is no such time. */
function timeOf(rfc3339: string | undefined): number {
  const ms = Date.parse(rfc3339 ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
