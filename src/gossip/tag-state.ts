import type { ChangeLog } from './change-log.ts';
import { CopyStore } from './copy-store.ts';
import type { EndedKey } from './ended-keys.ts';
import type { Lease } from './lease.ts';
import type { VerdictCode } from './message.ts';
import type { ClaimReason, Owner } from './owner.ts';

/** This pod's copy as a standby: everything up to (epoch, sequence) if `synced`. */
export interface StandbyCopy {
  epoch: number;
  sequence: number;
  synced: boolean;
}

/** A claim under way. */
export interface Attempt {
  number: number;
  epoch: number;
  reason: ClaimReason;
  rank: number;
  why: string;
  preVote: boolean;
  inSync: boolean;
  roster: number;
  endsAtMs: number;
  yes: Set<string>;
  /** When each voter is asked next. */
  askAtMs: Map<string, number>;
  refusals: Map<string, VerdictCode>;
}

export type StreamState = 'comparing' | 'repairing' | 'synced' | 'overrun';

/** The owner's ordered stream to one standby. */
export interface StandbyStream {
  state: StreamState;
  sent: number;
  acknowledged: number;
  /** Frames sent and not acknowledged, oldest first. */
  unacknowledged: { sequence: number; length: number }[];
  unacknowledgedBytes: number;
  checkedAtMs: number;
}

/** A comparison of copies between the owner and one peer. */
export interface Repair {
  round: number;
  mode: 'gather' | 'attach' | 'check';
  theirs: Map<string, { epoch: number; version: number }>;
  ended: EndedKey[];
  /** What the peer lacks, in the order of sending; sent under flow control. */
  sendKeys: string[];
  sendEnded: EndedKey[];
  wantKeys: string[];
  wanting: boolean;
  inFlightBytes: number;
  listed: boolean;
}

/** What an elected owner keeps of a tag. */
export interface Owning {
  epoch: number;
  reason: ClaimReason;
  previous: Owner | undefined;
  inSync: boolean;
  why: string;
  phase: 'gathering' | 'active' | 'paused';
  electedAtMs: number;
  /** Pods whose copies have not been fetched yet, dead ones too: one that comes back in time is fetched from. */
  gather: Set<string>;
  lease: Lease;
  leaseReported: boolean;
  /** When to claim anew because a voter granted something higher; Infinity if there is no need. */
  renewAtMs: number;
  pausedAtMs: number;
  log: ChangeLog;
  /** A standby whose position is older cannot resume: what it missed is not in the log. */
  resumeFrom: number;
  /** Everything up to here is in frames. */
  flushed: number;
  prompt: boolean;
  dirtySinceMs: number;
  /** In the order of succession. */
  standbys: string[];
  streams: Map<string, StandbyStream>;
  repairs: Map<string, Repair>;
  acknowledged: number;
  inSyncReported: number;
  heartbeatAtMs: number;
}

/** Everything that this pod knows of a tag. */
export interface TagState {
  tag: string;
  /** Who should own it at first, then who should hold copies; undefined for a tag that is not wanted (any more). */
  placement: readonly string[] | undefined;
  /** Who names the tags does not name this one: it goes when it has no records. */
  withdrawn: boolean;
  store: CopyStore;
  known: Owner | undefined;
  knownAtMs: number;
  /** The owner's standbys in order, as its last heartbeat named them. */
  standbys: string[];
  heartbeatAtMs: number;
  heartbeatSequence: number;
  /** Awake time since when every probe of the owner says that it has no lease; Infinity while it has one. */
  lapsedSinceAwakeMs: number;
  /** When the owner last asked for its lease. */
  askedAtMs: number;
  /** Since when no living owner is known; Infinity while one is. */
  orphanSinceMs: number;
  release: { epoch: number; to: string; sequence: number } | undefined;
  copy: StandbyCopy;
  ackDue: boolean;
  /** When this voter last granted a claim of another pod. */
  grantedAtMs: number;
  /** Highest epoch that anybody named for this tag. */
  highestNamed: number;
  claim: Attempt | undefined;
  claimAfterMs: number;
  /** What the last claim failed for, so that the same is said once. */
  refusedBecause: string;
  owning: Owning | undefined;
}

/** A tag of which nothing is known yet. */
export function newTag(tag: string, withdrawn: boolean, startedAtMs: number): TagState {
  return {
    tag,
    placement: undefined,
    withdrawn,
    store: new CopyStore(),
    known: undefined,
    knownAtMs: startedAtMs,
    standbys: [],
    heartbeatAtMs: -Infinity,
    heartbeatSequence: 0,
    lapsedSinceAwakeMs: Infinity,
    askedAtMs: startedAtMs,
    orphanSinceMs: startedAtMs,
    release: undefined,
    copy: { epoch: 0, sequence: 0, synced: false },
    ackDue: false,
    grantedAtMs: -Infinity,
    highestNamed: 0,
    claim: undefined,
    claimAfterMs: startedAtMs,
    refusedBecause: '',
    owning: undefined,
  };
}
