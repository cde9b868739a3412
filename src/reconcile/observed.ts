import type { ControlReport } from '../api/control.ts';
import type { DialogShardSpec, DialogShardStatus } from '../api/dialog-shard-type.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import type { Problem } from '../api/problem.ts';
import type { SipClusterSpec, SipClusterStatus } from '../api/sip-cluster-type.ts';

/** The world as the operator knows it when it plans for one cluster; times are milliseconds since 1970. */
export interface Observed {
  cluster: ObservedCluster;
  shards: ObservedShard[];
  pods: ObservedPod[];
  /** Names that no new pod can have, beside those of `pods`: pods of others have them. */
  takenNames?: string[];
  /** Pods that the API did not take when they were to be made last, and why. */
  refusedPods?: { name: string; why: string }[];
  nodes: ObservedNode[];
  /** Services that targets name, by `namespace/name`. */
  services?: Record<string, ObservedService>;
  /** Why nodes cannot be seen, in the words of the API; undefined if they can. */
  nodesHidden?: string;
  operator: ObservedOperator;
}

export interface ObservedCluster {
  metadata: ObjectMeta;
  /** The newest spec if it has no problems. */
  spec: SipClusterSpec | undefined;
  problems: Problem[];
  /** The spec as it was written, to be remembered when it is accepted. */
  written: unknown;
  /** The last good spec, from status.accepted; what the pods run on while `spec` has problems. */
  accepted: { generation: number; spec: SipClusterSpec } | undefined;
  status: SipClusterStatus | undefined;
  /** ConfigMap of the cluster, undefined while it is missing. */
  configMap: { data: Record<string, string> } | undefined;
  /** Its Secrets with keys, or those of the user's, as far as they are there. */
  keys?: Partial<Record<KeyRingName, ObservedKeys>>;
  /** Services and NetworkPolicy of the names that the cluster's have. */
  objects?: KubeObject[];
  /** PodDisruptionBudget of the cluster, undefined while it is missing. */
  disruptionBudget: { minAvailable: number } | undefined;
}

/** What keys are for: the processes of the mesh know each other by some, pods their own calls by others. */
export type KeyRingName = 'mesh' | 'tokens';

export interface ObservedKeys {
  /** Ids, the one in use first; empty if the Secret has no good ones. */
  ids: string[];
  /** When the youngest of them was made. */
  madeAtMs: number;
}

export interface ObservedShard {
  metadata: ObjectMeta;
  spec: DialogShardSpec | undefined;
  problems: Problem[];
  status: DialogShardStatus | undefined;
}

export interface ObservedPod {
  metadata: ObjectMeta;
  nodeName: string;
  podIP: string;
  /** Of its mesh, where its object names one; the usual one if left out. */
  meshPort?: number;
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** The kubelet's readiness, and since when it is so. */
  ready: boolean;
  readySinceMs: number;
  restarts: number;
  /** Whether every one of its containers has terminated. */
  ended: boolean;
  /** Why it does not run, in the words of scheduler or kubelet; absent if they have none. */
  trouble?: string;
  /** What its control API last said, and when; undefined if it never answered. */
  report: ControlReport | undefined;
  reportedAtMs: number;
  /** Since when its control API has not answered; undefined while it does. */
  unreachableSinceMs: number | undefined;
  /** `stateDigest` of the last state that it acknowledged in this operator's term; '' before the first. */
  sentState: string;
}

export interface ObservedNode {
  metadata: ObjectMeta;
  unschedulable: boolean;
  /** Keys of its taints with effect NoSchedule or NoExecute. */
  taints: string[];
  ready: boolean;
  /** Of type ExternalIP. */
  externalAddresses?: string[];
  /** When its kubelet was last seen to renew the Lease of the node; undefined while Leases are not seen. */
  heardAtMs?: number;
}

/** A Service with the ready endpoints of its EndpointSlices. */
export interface ObservedService {
  /** Its EndpointSlices were not read yet. */
  pending: boolean;
  /** Why there are no endpoints, in the words of the API or the operator; absent if all is well. */
  problem?: string;
  /** The ports of the Service itself; absent where it is out of the operator's sight. */
  ports?: { name: string; port: number }[];
  endpoints: ObservedEndpoint[];
}

export interface ObservedEndpoint {
  address: string;
  /** '' for the only port of a Service, which needs no name. */
  portName: string;
  port: number;
  transport: 'UDP' | 'TCP';
}

export interface ObservedOperator {
  /** Id in the mesh and host:port; the third voter while there are two pods. */
  member: string;
  mesh: string;
  /** Leadership number: grows with each leader. */
  term: number;
  leadingSinceMs: number;
  /** What its own vote in this cluster holds; undefined while it has none. */
  vote: { rosterNumber: number; granted: Record<string, number> } | undefined;
}
