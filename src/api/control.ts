import type { HostPort } from './address.ts';
import type { ControlCode } from './control-codes.ts';
import type { RouteConfig, TargetConfig, ProxyConfig } from './proxy-config-type.ts';
import type { PodStatus } from './pod-report.ts';

/** A process that the mesh talks to, whether or not it has a vote. */
export interface ControlPeer {
  /** Id in the mesh. */
  pod: string;
  role: 'proxy' | 'witness';
  /** host:port of its mesh. */
  mesh: string;
  /** Where it runs; owner and standbys are kept apart. '' if unknown. */
  node: string;
  zone: string;
}

/** A roster as it is sent to pods: status.roster of the SipCluster. */
export interface ControlRoster {
  number: number;
  members: { pod: string; role: 'proxy' | 'witness'; mesh: string }[];
  floor: Record<string, number>;
}

/** A sharing tag that the pods carry. */
export interface ControlTag {
  tag: string;
  /** '' for tags that take any call. */
  group: string;
  /** Member ids: who should own it at first, then who should hold copies. A wish, not an order. */
  placement: string[];
}

/** "While you own it, hand the tag to that pod": asked again until it has happened or is withdrawn. */
export interface ControlHandOver {
  tag: string;
  /** Member id. */
  to: string;
  /** What the receiver's takeover is to be called; a MoveCause. */
  cause: string;
  reason: string;
}

/** Body of PUT /v1/state: everything that the operator wants of one pod. What is left out of a list is withdrawn. */
export interface ControlState {
  /** Grows; a pod refuses a state with a lower (term, generation). `term` grows with each operator that leads. */
  term: number;
  generation: number;
  roster: ControlRoster;
  peers: ControlPeer[];
  tags: ControlTag[];
  handOver: ControlHandOver[];
  /** The pod is to be emptied: it is not ready, and takes new calls for others only. */
  cordoned: boolean;
  /** Why, for its readiness, log and status; '' if it is not. */
  cordonReason: string;
  routes: (RouteConfig & { shardGroup?: string })[];
  targets: TargetConfig[];
  rehoming: ProxyConfig['rehoming'];
  /** What listeners advertise, by name: for those whose config says that it is told. */
  addresses?: Record<string, HostPort>;
}

/** One takeover of a tag by the reporting pod, as it goes on. */
export interface TakeoverReport {
  tag: string;
  epoch: number;
  /** OWNERSHIP 3: `dead`, `handover`, `renew`, `vacant`. */
  claim: 'dead' | 'handover' | 'renew' | 'vacant';
  /** Member id of the owner before; '' if none. */
  from: string;
  why: string;
  /** Wall clock, ms since 1970. */
  startedAtMs: number;
  dialogs: number;
  rehomed: number;
  /** Dialogs with a leg that stays with its old target for now. */
  kept: number;
  /** Dialogs that ended because of it. */
  lost: number;
  /** Until everything was settled; absent while it goes on. */
  durationMs?: number;
}

/** Ids of the keys of a pod. */
export interface KeysReport {
  /** The mesh's; the first one is used to connect. */
  mesh: string[];
  /** The tokens'; the first one is used for new calls. */
  tokens: string[];
  /** Those of `tokens` that made the token of a call that lives in the pod. */
  tokensInUse: string[];
}

/** Body of GET /v1/report and of the answer to PUT /v1/state. */
export interface ControlReport {
  /** Changes whenever anything but counters does; for `?since=` of the next request. */
  version: string;
  /** (term, generation) of the state in force; zeros before the first. */
  term: number;
  generation: number;
  voterId: string;
  /** Its process has just started, so that it claims and grants nothing yet; absent after that. */
  settling?: boolean;
  status: PodStatus;
  /** Highest epoch granted per tag, under the roster number in `status`. */
  granted: Record<string, number>;
  /** Dialogs per tag, for tags that this pod owned when it counted them last, at most a second ago. */
  dialogs: Record<string, number>;
  /** Calls that ring at this pod, and dialogs that it still relays for another owner. */
  ringing: number;
  relaying: number;
  /** The newest takeovers of this pod, oldest first. */
  takeovers: TakeoverReport[];
  /** Handovers that did not begin, with the mesh's words. */
  refusedHandOvers: { tag: string; to: string; why: string }[];
  /** Absent from pods that read their keys at their start only. */
  keys?: KeysReport;
}

/** Body of every answer with a status from 400 on. */
export interface ControlProblem {
  /** Stable, from the table of errors. */
  code: ControlCode;
  message: string;
}
