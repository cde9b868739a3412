import type { MoveCause } from './dialog-shard-type.ts';
import type { Condition, KubeObject } from './object-type.ts';
import type {
  RouteConfig,
  SipTransport,
  TargetAddress,
  TargetBalance,
  TargetProbe,
} from './proxy-config-type.ts';

/** Group and version of Rehome's resources. */
export const API_VERSION = 'sip.rehome.dev/v1alpha1';

/** Where the address that endpoints are told comes from. */
export type AdvertiseSource = 'PodIP' | 'HostIP' | 'NodeExternalIP' | 'Annotation' | 'Map';

/** A listener of every pod; it binds the pod's address. */
export interface ClusterListener {
  name: string;
  transports: readonly SipTransport[];
  port: number;
  /** The port is the node's too. */
  hostPort: boolean;
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

/** A part of a Kubernetes object that is passed on as it was written. */
export type PassedOn = Readonly<Record<string, unknown>>;

/** core/v1 Toleration. */
export interface Toleration {
  key?: string;
  operator?: 'Exists' | 'Equal';
  value?: string;
  effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  tolerationSeconds?: number;
}

/** core/v1 TopologySpreadConstraint; which pods count is the operator's affair. */
export interface TopologySpread {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
}

/** core/v1 EnvVar. */
export interface ExtraEnv {
  name: string;
  value?: string;
  valueFrom?: PassedOn;
}

/** What pods carry beside what the operator says, in Kubernetes' own words. */
export interface PodTemplate {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  resources: {
    requests?: Readonly<Record<string, string>>;
    limits?: Readonly<Record<string, string>>;
  };
  affinity?: PassedOn;
  tolerations: readonly Toleration[];
  topologySpreadConstraints: readonly TopologySpread[];
  priorityClassName?: string;
  serviceAccountName?: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets. */
  imagePullSecrets: readonly string[];
  env: readonly ExtraEnv[];
  /** Of the pod and of its container; what Pod Security `restricted` asks for if left out. */
  securityContext?: PassedOn;
  containerSecurityContext?: PassedOn;
}

/** The Service by which new calls come to any pod. */
export interface EntryService {
  enabled: boolean;
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  annotations: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Not for ClusterIP. */
  externalTrafficPolicy: 'Local' | 'Cluster';
  loadBalancerClass?: string;
  loadBalancerSourceRanges: readonly string[];
  /** Names of the listeners that it leads to; all if empty. */
  listeners: readonly string[];
}

/** A Service whose ready endpoints are a target's addresses. */
export interface TargetService {
  name: string;
  /** The cluster's if left out. */
  namespace?: string;
  /** Number or name of one of its ports. */
  port: number | string;
}

/** A target; its addresses are written or those of a Service. */
export interface ClusterTarget {
  name: string;
  /** Empty where there is a Service. */
  addresses: readonly TargetAddress[];
  service?: TargetService;
  /** If left out: Ordered for addresses, CallId for a service. */
  balance?: TargetBalance;
  probe?: TargetProbe;
  /** Secret with `username` and `password`, for 401 and 407 of its endpoints. */
  credentials?: { secretName: string };
}

/** Desired state of a fleet of proxies; every default filled in, durations in milliseconds. */
export interface SipClusterSpec {
  replicas: number;
  /** Number of sharing tags of the cluster's own; it may only grow. */
  shards: number;
  /** Container image of the proxies; `rehome local` runs its own program whatever it says. */
  image: string;
  /** A change replaces the pods. */
  podTemplate: PodTemplate;
  nodeSelector: Readonly<Record<string, string>>;
  /** The pods use their node's address. */
  hostNetwork: boolean;
  /** Pod `<cluster>-K` adds K times this to every port of its own. */
  portStep: number;
  listeners: readonly ClusterListener[];
  service: EntryService;
  networkPolicy: { enabled: boolean };
  keys: {
    /** Names of Secrets of the user's; the operator makes its own where there is none. */
    meshSecret?: string;
    tokenSecret?: string;
    /** Age at which a key that the operator made is replaced; 0 for never. */
    rotateEveryMs: number;
  };
  /** How long pods that nobody can take calls from keep them when they are told to stop. */
  deletionWaitMs: number;
  drain: {
    /** Keys of taints (NoSchedule, NoExecute) that empty a node as a cordon does. */
    taints: readonly string[];
  };
  routes: readonly ClusterRoute[];
  targets: readonly ClusterTarget[];
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
