import { LABELS } from '../api/annotations.ts';
import type { SipClusterStatus } from '../api/sip-cluster-type.ts';
import { acceptedFinding, clusterFindings, type ConditionView } from './cluster-conditions.ts';
import { conditionIn, conditionsOf, type Finding } from './conditions.ts';
import { writingOf, type Writing } from './counts.ts';
import { isLost } from './evidence.ts';
import type { Observed } from './observed.ts';
import { podStatuses } from './pod-status.ts';
import type { SpecInForce } from './spec-in-force.ts';

/** What the operator writes of a SipCluster beside its roster. */
export type ClusterStatus = Omit<SipClusterStatus, 'roster'>;

/** The status of a cluster whose pods run on that spec. */
export function clusterStatus(view: ConditionView, inForce: SpecInForce): ClusterStatus {
  const { world, places, roster } = view;
  const { observed, nowMs, tags } = world;
  const { metadata, status: before } = observed.cluster;
  const { generation = 0 } = metadata;
  const pods = podStatuses(world, places.leaving, roster);
  const conditions = conditionsOf(clusterFindings(view), before?.conditions, generation, nowMs);
  const accepted =
    before?.accepted?.generation === inForce.generation
      ? before.accepted
      : { generation: inForce.generation, spec: inForce.written };
  return {
    observedGeneration: generation,
    phase: phaseOf(conditions, before?.phase),
    replicas: world.pods.filter((pod) => !pod.dead && !pod.terminating && !isLost(pod, world)).length,
    selector: `${LABELS.cluster.key}=${world.cluster}`,
    readyReplicas: pods.filter((pod) => pod.ready).length,
    dialogs: pods.reduce((sum, pod) => sum + pod.dialogs, 0),
    shards: tags.length,
    pods,
    accepted,
    conditions,
    countedAt: new Date(nowMs).toISOString(),
  };
}

/** The status of a cluster that never had a spec without problems. */
export function rejectedClusterStatus({ cluster }: Observed, rejected: string, nowMs: number): ClusterStatus {
  const { metadata, status } = cluster;
  const { generation = 0 } = metadata;
  return {
    ...emptyStatus(metadata.name),
    observedGeneration: generation,
    phase: 'Failed',
    conditions: conditionsOf([acceptedFinding({ rejected })], status?.conditions, generation, nowMs),
    countedAt: new Date(nowMs).toISOString(),
  };
}

/** The status of a cluster that is being deleted: what it was, and that it goes. */
export function deletingStatus({ cluster }: Observed, nowMs: number): ClusterStatus {
  const { metadata, status } = cluster;
  const { generation = 0 } = metadata;
  const finding: Finding = {
    type: 'Ready',
    status: 'False',
    reason: 'Deleting',
    message: 'the cluster is being deleted',
  };
  const own = { ...emptyStatus(metadata.name), ...status };
  delete own.roster;
  const others = own.conditions.filter((each) => each.type !== finding.type);
  return {
    ...own,
    observedGeneration: generation,
    phase: 'Deleting',
    conditions: [...others, ...conditionsOf([finding], status?.conditions, generation, nowMs)],
  };
}

/** Whether a cluster's status is to be written now. */
export function clusterWriting(
  before: SipClusterStatus | undefined,
  wanted: ClusterStatus,
  nowMs: number,
): Writing {
  if (before === undefined) return { due: true, againAtMs: Infinity };
  const own = { ...before };
  delete own.roster;
  return writingOf<ClusterStatus>(own, wanted, withoutCounts, nowMs);
}

function withoutCounts(status: ClusterStatus): unknown {
  return { ...status, countedAt: '', dialogs: 0, pods: status.pods.map((pod) => ({ ...pod, dialogs: 0 })) };
}

function emptyStatus(cluster: string): SipClusterStatus {
  return {
    ...{ observedGeneration: 0, phase: 'Pending', replicas: 0, readyReplicas: 0, dialogs: 0, shards: 0 },
    selector: `${LABELS.cluster.key}=${cluster}`,
    ...{ pods: [], conditions: [] },
  };
}

/** From the conditions, and whether the cluster has ever been ready. */
function phaseOf(
  conditions: SipClusterStatus['conditions'],
  before: SipClusterStatus['phase'] | undefined,
): SipClusterStatus['phase'] {
  const isTrue = (type: Finding['type']): boolean => conditionIn(conditions, type)?.status === 'True';
  const hasQuorum = conditionIn(conditions, 'Quorum')?.reason !== 'MajorityLost';
  if (isTrue('Moving') && hasQuorum) return 'Moving';
  if (isTrue('Ready') && hasQuorum) return 'Ready';
  const wasStarting = before === undefined || ['Pending', 'Starting', 'Failed'].includes(before);
  return wasStarting ? 'Starting' : 'Degraded';
}
