import type { MoveCause } from './dialog-shard-type.ts';
import type { Condition, KubeObject } from './object-type.ts';
import type { RouteConfig, SipTransport, TargetConfig } from './proxy-config-type.ts';

/** Group and version of Rehome's resources. */
export const API_VERSION = 'sip.rehome.dev/v1alpha1';

/** Where the address that endpoints are told comes from. */
export type AdvertiseSource = 'PodIP' | 'HostIP' | 'Annotation' | 'Map';

/** A listener of every pod; it binds the pod's address. */
export interface ClusterListener {
  name: string;
  transports: readonly SipTransport[];
  port: number;
  advertise: {
    from: AdvertiseSource;
    /** Name of the pod's annotation, with `Annotation`. */
    annotation?: string;
    /** Pod name to host or host:port, with `Map`. */
    map?: Readonly<Record<string, string>>;
    /** Port that endpoints are told; the listener's if left out. */
    port?: number;
  };
}

/** A route; `shardGroup` puts its calls on tags of that group. */
export interface ClusterRoute extends RouteConfig {
  shardGroup?: string;
}

/** Desired state of a fleet of proxies; every default filled in, durations in milliseconds. */
export interface SipClusterSpec {
  replicas: number;
  /** Number of sharing tags of the cluster's own; it may only grow. */
  shards: number;
  /** Container image of the proxies; `rehome local` runs its own program whatever it says. */
  image: string;
  /** Labels and annotations of the pods; a change rolls the pods. */
  podTemplate: { labels: Readonly<Record<string, string>>; annotations: Readonly<Record<string, string>> };
  nodeSelector: Readonly<Record<string, string>>;
  /** The pods use their node's address. */
  hostNetwork: boolean;
  /** Pod `<cluster>-K` adds K times this to every port of its own. */
  portStep: number;
  listeners: readonly ClusterListener[];
  routes: readonly ClusterRoute[];
  targets: readonly TargetConfig[];
  replication: { factor: number; durability: 'acknowledged' | 'async'; protectTimeoutMs: number };
  rehoming: {
    method: 'Reinvite' | 'Update' | 'Auto';
    legsPerSecond: number;
    perPeer: { legsPerSecond: number; maxInFlight: number };
  };
  failover: {
    suspectAfterMs: number;
    delayMs: number;
    trustReset: boolean;
    /** How long a living pod may be unready before its tags are moved. */
    unreadyAfterMs: number;
  };
  /** How pods are replaced: `maxSurge: 0` deletes before it makes. */
  rollout: { maxSurge: 0 | 1 };
  /** Whether tags go to pods with fewer dialogs when a pod comes. */
  rebalance: { enabled: boolean; maxTagsInFlight: number };
  topologyHiding: { callId: 'pass' | 'mask' };
  sip: { t1Ms: number; t2Ms: number; t4Ms: number };
  log: { level: string };
  limits: { maxDialogs: number; heldMessages: number };
}

/** A voter in the roster of a cluster. */
export interface RosterMember {
  /** Id in the mesh: `memberId(pod name, pod uid)`, or the operator's. */
  pod: string;
  role: 'proxy' | 'witness';
  /** host:port of its mesh. */
  mesh: string;
}

/** The numbered list of voters (OWNERSHIP 7), stored before it is sent. */
export interface RosterStatus {
  number: number;
  /** Grows when a lost majority was given up. */
  generation: number;
  members: RosterMember[];
  /** Per tag, the epoch at or below which nothing is granted any more. */
  floor: Record<string, number>;
  /** Value of the annotation `sip.rehome.dev/new-roster` that was acted on last. */
  handledRequest?: string;
  /** RFC 3339: since when a majority of the members is known to have adopted it; the next one waits for it. */
  adoptedAt?: string;
}

/** A pod of the cluster in its status. */
export interface ClusterPodStatus {
  name: string;
  uid: string;
  node: string;
  address: string;
  ready: boolean;
  phase: 'Starting' | 'Joining' | 'Ready' | 'Unready' | 'Leaving' | 'Dead';
  /** Why it is in this phase, in the words of the Event and the log. */
  reason: string;
  /** Why it is being emptied; absent while it is not. */
  cause?: MoveCause;
  /** It was made from another template than the present one. */
  outdated?: boolean;
  dialogs: number;
  shards: number;
}

export interface SipClusterStatus {
  observedGeneration: number;
  phase: 'Pending' | 'Starting' | 'Ready' | 'Degraded' | 'Moving' | 'Failed' | 'Deleting';
  /** For the scale subresource. */
  replicas: number;
  selector: string;
  readyReplicas: number;
  dialogs: number;
  shards: number;
  pods: ClusterPodStatus[];
  roster?: RosterStatus;
  /** The last spec without problems, as it was written: what the pods run on. */
  accepted?: { generation: number; spec: unknown };
  conditions: Condition[];
  /** RFC 3339: when the counts of dialogs were taken; they alone are written once in ten seconds at most. */
  countedAt?: string;
}

/** A SipCluster as it is written. */
export interface SipCluster extends KubeObject {
  kind: 'SipCluster';
  spec: unknown;
  status?: SipClusterStatus;
}
