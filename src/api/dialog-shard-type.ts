import type { Condition, KubeObject } from './object-type.ts';

/** Why a tag changed its owner. */
export type MoveCause =
  | 'FirstPlacement'
  | 'PodDied'
  | 'PodRestarted'
  | 'PodUnready'
  | 'PodCordoned'
  | 'NodeCordoned'
  | 'PodDeleted'
  | 'ScaleIn'
  | 'TemplateChanged'
  | 'Rebalance'
  | 'ByHand'
  | 'Preferred'
  | 'Unknown';

/** Desired state of a sharing tag. */
export interface DialogShardSpec {
  clusterRef: string;
  tag: string;
  /** Calls come to a tag of a group only by a route that names the group; '' for all others. */
  group: string;
  /** Pods that should own it, best first, while they can. */
  preferredPods: readonly string[];
}

/** One change of owner, planned or not. */
export interface MoveRecord {
  cause: MoveCause;
  /** Pod names; '' if there was none. */
  from: string;
  to: string;
  epoch: number;
  /** What the claimant or the operator saw. */
  reason: string;
  dialogs: number;
  /** Dialogs both of whose endpoints send to the new owner. */
  rehomed: number;
  /** Dialogs that ended because of the move, and legs left where they were. */
  failed: number;
  kept: number;
  /** RFC 3339. */
  startedAt: string;
  /** Until the last leg was settled; absent while the move goes on. */
  durationMs?: number;
}

/** A move that was asked for and has not happened yet; `from` and `to` are pod names. */
export interface PendingMove {
  cause: MoveCause;
  from: string;
  to: string;
  reason: string;
  /** Why the owner did not begin it yet, in the words of the mesh. */
  refused?: string;
  /** RFC 3339. */
  askedAt: string;
}

/** The operator's vote in clusters of two (OWNERSHIP 7): only grows. */
export interface ShardVote {
  epoch: number;
  pod: string;
  boot: string;
}

export interface DialogShardStatus {
  observedGeneration: number;
  phase: 'Pending' | 'Active' | 'Moving' | 'Unowned' | 'Isolated';
  /** Pod name and uid of the owner; '' if there is none. */
  owner: string;
  ownerUid: string;
  epoch: number;
  standbys: string[];
  /** Those of the standbys that hold everything. */
  standbysInSync: string[];
  dialogs: number;
  lastMove?: MoveRecord;
  /** The move that the owner is asked for, so that whoever records it knows its cause. */
  pendingMove?: PendingMove;
  vote?: ShardVote;
  conditions: Condition[];
  /** RFC 3339: when the dialogs were counted; they alone are written once in ten seconds at most. */
  countedAt?: string;
}

/** A DialogShard as it is written. */
export interface DialogShard extends KubeObject {
  kind: 'DialogShard';
  spec: unknown;
  status?: DialogShardStatus;
}
