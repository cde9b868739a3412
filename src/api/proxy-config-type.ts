import type { HostPort } from './address.ts';

/** A transport of SIP. */
export type SipTransport = 'UDP' | 'TCP';

/** A voter of the cluster. */
export interface MemberConfig {
  pod: string;
  role: 'proxy' | 'witness';
  mesh: HostPort;
}

/** A shared secret, known by its id. */
export interface MeshKey {
  id: string;
  secret: string;
}

/** One socket address that takes SIP. */
export interface ListenerConfig {
  name: string;
  bind: string;
  port: number;
  transports: readonly SipTransport[];
  /** With `told`, nobody knows it before an operator says so. */
  advertise: HostPort;
  /** An operator tells what is advertised (`ControlState.addresses`); until then the listener is closed. */
  told?: true;
}

/** Where requests of one listener go. */
export interface RouteConfig {
  from: string;
  match?: { requestUri?: string; source?: readonly string[] };
  to: string;
  via: string;
  /** New calls of the route get a tag of this group; any tag without a group if left out. */
  shardGroup?: string;
}

/** One address of a target. */
export interface TargetAddress {
  address: string;
  port: number;
  transport: SipTransport;
}

/** How often an address is asked by OPTIONS whether it is there, and what counts. */
export interface TargetProbe {
  /** From one question to the next, or to the answer if that comes later. */
  intervalSeconds: number;
  /** Silence for so long is a failure. */
  timeoutSeconds: number;
  /** Failures in a row after which an address is down. */
  failureThreshold: number;
  /** Answers in a row after which it is up again. */
  successThreshold: number;
}

/** Digest credentials (RFC 3261 §22), kept in files so that they can change and are in no config. */
export interface TargetCredentials {
  /** A folder with the files `username` and `password`, as a Secret is mounted. */
  directory: string;
}

/** Where the list of a target's addresses begins for a new request: at the first one, or at one that its Call-ID chooses. */
export type TargetBalance = 'Ordered' | 'CallId';

/** A named list of addresses, tried in order; with a probe, those that are down come last. */
export interface TargetConfig {
  name: string;
  addresses: readonly TargetAddress[];
  /** Ordered if left out. */
  balance?: TargetBalance;
  probe?: TargetProbe;
  /** What the pod answers with when the target asks for credentials (401, 407). */
  credentials?: TargetCredentials;
}

/** The settings of one proxy process; durations in milliseconds. */
export interface ProxyConfig {
  cluster: string;
  /** Id in the mesh: the name of the pod, or `memberId(name, podUid)` where the document has a uid. */
  pod: string;
  podUid?: string;
  /** Where the pod runs; '' if unknown. */
  node: string;
  zone: string;
  /** Roster, tags, routes, targets and pacing come by the control API; those here are what the pod starts with. */
  managed: boolean;
  role: 'proxy' | 'witness';
  dataDir: string;
  roster: { number: number; members: readonly MemberConfig[] };
  /** The sharing tags. */
  shards: readonly string[];
  /** Group of a tag; tags that are not named here take any call. */
  shardGroups: Readonly<Record<string, string>>;
  placement: Readonly<Record<string, string>>;
  mesh: {
    bind: HostPort;
    keys: readonly MeshKey[];
    keyFile?: string;
    probeIntervalMs: number;
    isolationAfterMs?: number;
  };
  /** Keys of the tokens in Contacts; those of the mesh if there are none. */
  tokens: { keys?: readonly MeshKey[]; keyFile?: string };
  listeners: readonly ListenerConfig[];
  routes: readonly RouteConfig[];
  targets: readonly TargetConfig[];
  replication: { factor: number; durability: 'acknowledged' | 'async'; protectTimeoutMs: number };
  rehoming: {
    method: 'Reinvite' | 'Update' | 'Auto';
    legsPerSecond: number;
    perPeer: { legsPerSecond: number; maxInFlight: number };
  };
  /** How long a pod that is told to stop looks for somebody to take its calls. */
  drain: { deletionWaitMs: number };
  failover: { suspectAfterMs: number; delayMs: number; trustReset: boolean };
  topologyHiding: { callId: 'pass' | 'mask' };
  sip: { t1Ms: number; t2Ms: number; t4Ms: number };
  http: { bind: HostPort };
  control?: { bind: HostPort };
  log: { level: string };
  limits: { maxDialogs: number; heldMessages: number };
}
