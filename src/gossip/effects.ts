import type { BrokenCode } from './frame.ts';
import type { ClaimReason, Owner } from './owner.ts';

/** A copy of a record as the program gets it; `bytes` is a view that must be decoded before the next input. */
export interface RecordCopy {
  key: string;
  epoch: number;
  version: number;
  bytes: Uint8Array;
  /** The copy was out of touch for more than 5 min: verify it with its endpoints before use. */
  doubtful: boolean;
}

/** The pod owns `tag` in `epoch`, has what every reachable holder had, holds the lease and may act. */
export interface TakenOver {
  kind: 'takenOver';
  tag: string;
  epoch: number;
  reason: ClaimReason;
  /** The owner before; its own last term for `renew`; undefined at first placement. */
  previous: Owner | undefined;
  /** Whether this pod's copy was in sync when it claimed; if not, every first CSeq grows by 1,000,000 more. */
  inSync: boolean;
  /** Every record that the program does not hold itself. For `renew` these are only what others had newer. */
  records: RecordCopy[];
  /** What the claimant saw, for log, status and Event. */
  why: string;
}

/** A record that another pod held newer, or ended, for a tag that this pod owns. */
export interface Merged {
  kind: 'merged';
  tag: string;
  key: string;
  /** An end wins over any live version. */
  ended: boolean;
  /** Absent for an end. */
  record: RecordCopy | undefined;
}

/** What the shell does for the mesh, in order. */
export type MeshEffect =
  /** Send this datagram to the pod's mesh address. */
  | { kind: 'probe'; to: string; bytes: Uint8Array }
  /** Write these bytes to the pod's stream. */
  | { kind: 'frame'; to: string; bytes: Uint8Array }
  /** These are the peers from now on: streams with others end. `mesh` is '' where only the pod's name is known. */
  | { kind: 'peers'; peers: readonly { pod: string; mesh: string }[] }
  /** Close the pod's stream and dial anew: what came from it is broken. Followed by `streamClosed(pod, 'error')`. */
  | { kind: 'closeStream'; to: string; code: BrokenCode }
  /** Write the voter file durably, then call `saved(token)`. A later file holds all that earlier ones held. */
  | { kind: 'save'; token: number; bytes: Uint8Array }
  /** The newest owner known of a tag has changed. */
  | { kind: 'owner'; tag: string; owner: Owner }
  | TakenOver
  /** This pod is no longer the owner: from now on it is a pipe to `owner`. */
  | { kind: 'lost'; tag: string; epoch: number; owner: Owner }
  /** The tag was withdrawn, is empty and is nobody's any more. */
  | { kind: 'dropped'; tag: string }
  /** A handover has begun: hold what endpoints send for this tag until `lost` or `takenOver`. */
  | { kind: 'paused'; tag: string; epoch: number; to: string }
  /** The lease of an owned tag came or went; `mayAct` is the check, this is for readiness and the log. */
  | { kind: 'lease'; tag: string; epoch: number; held: boolean }
  | Merged
  /** A standby in sync holds everything of this tag up to `sequence`. */
  | { kind: 'acknowledged'; tag: string; sequence: number; pod: string }
  /** How many standbys of an owned tag are in sync; with 0 nothing must wait for an acknowledgement. */
  | { kind: 'standbys'; tag: string; inSync: number }
  /** Opaque bytes that another pod's program sent. */
  | { kind: 'payload'; from: string; bytes: Uint8Array }
  /** A member came to life or died in this pod's view. */
  | { kind: 'member'; pod: string; alive: boolean; reason: string }
  /** Something to log and count; `code` is stable. */
  | { kind: 'note'; code: NoteCode; tag: string; pod: string; text: string };

export type NoteCode =
  | 'probe-broken'
  | 'probe-stranger'
  | 'frame-broken'
  | 'voter-file-damaged'
  | 'not-a-voter'
  | 'roster-adopted'
  | 'roster-conflict'
  | 'claim-started'
  | 'claim-elected'
  | 'claim-ended'
  | 'claim-refused'
  | 'handover-refused'
  | 'handover-expired'
  | 'holder-mute'
  | 'standby-overrun'
  | 'standby-resync'
  | 'drift-repaired'
  | 'copies-discarded'
  | 'record-missing';
