import type { Role } from './options.ts';
import type { ClaimReason, Owner } from './owner.ts';

/** First frame of a stream and whenever what this pod holds has changed its role. */
export interface Hello {
  kind: 'hello';
  boot: string;
  voterId: string;
  positions: Position[];
}

/** A copy: everything of `tag` up to `sequence` of `epoch`, if `synced`. */
export interface Position {
  tag: string;
  epoch: number;
  sequence: number;
  synced: boolean;
}

/** A roster as its sender has it on disk: who is bound to which name, and the sender's highest grants (OWNERSHIP 7). */
export interface RosterFrame {
  kind: 'roster';
  number: number;
  members: RosterMember[];
  floor: TagEpoch[];
  granted: TagEpoch[];
}

export interface RosterMember {
  pod: string;
  role: Role;
  /** host:port of its mesh; '' if the sender does not know it. */
  mesh: string;
  /** The voter id that the sender bound to the name under this number; '' if none. */
  voterId: string;
  /** The id took the place of another one that an older roster knew. */
  replaced: boolean;
}

export interface TagEpoch {
  tag: string;
  epoch: number;
}

/** What a prober owns; `lapsed`: it holds no lease now. */
export interface OwnedTag extends TagEpoch {
  lapsed: boolean;
}

/** Newest owners known. */
export interface Table {
  kind: 'table';
  owners: TagOwner[];
}

export interface TagOwner {
  tag: string;
  owner: Owner | undefined;
}

/** `gather`: the owner takes what it lacks. `attach`: the receiver becomes a standby from `sequence` on. `check`: a standby looks for drift. */
export type CompareMode = 'gather' | 'attach' | 'check';

/** The sender owns `tag` and compares copies. */
export interface Compare {
  kind: 'compare';
  tag: string;
  epoch: number;
  sequence: number;
  mode: CompareMode;
  /** Number of the comparison: what belongs to an older one is void. */
  round: number;
  /** `CopyStore.digest`. */
  digest: Uint8Array;
}

/** Answer to `compare`: what the sender has in each bucket that differs; the last part says so. */
export interface Inventory {
  kind: 'inventory';
  tag: string;
  epoch: number;
  round: number;
  items: InventoryItem[];
  /** Ended records in those buckets, as `encodeEnds` writes them. */
  ended: Uint8Array;
  /** Which buckets differ, one bit each. */
  buckets: Uint8Array;
  last: boolean;
}

export interface InventoryItem {
  key: string;
  epoch: number;
  version: number;
}

/** Asks for records; `done` follows in the last `records` that answer it. */
export interface Want {
  kind: 'want';
  tag: string;
  epoch: number;
  round: number;
  keys: string[];
}

/** Records and ends apart from the ordered stream: merged one by one. */
export interface Records {
  kind: 'records';
  tag: string;
  epoch: number;
  /** Of the `want` that this answers, or of the comparison that found them missing. */
  round: number;
  items: RecordItem[];
  /** Ended records, as `encodeEnds` writes them. */
  ended: Uint8Array;
  done: boolean;
}

/** A record on the wire; an end has no bytes. */
export interface RecordItem {
  key: string;
  epoch: number;
  version: number;
  ended: boolean;
  doubtful: boolean;
  bytes: Uint8Array;
}

/** That many bytes of `records` have been taken in: flow control. */
export interface Received {
  kind: 'received';
  tag: string;
  epoch: number;
  round: number;
  bytes: number;
}

/** Everything that the standby lacked has been sent: its copy is in sync from here on. */
export interface Synced {
  kind: 'synced';
  tag: string;
  epoch: number;
  sequence: number;
}

/** The ordered stream of a tag: brings a copy from `from` to `to`. */
export interface Changes {
  kind: 'changes';
  tag: string;
  epoch: number;
  from: number;
  to: number;
  prompt: boolean;
  items: RecordItem[];
}

export interface Ack {
  kind: 'ack';
  positions: Position[];
}

/** The sender takes no frames of `epoch` any more: it granted `granted`, and knows `owner`. */
export interface Refuse {
  kind: 'refuse';
  tag: string;
  epoch: number;
  granted: number;
  owner: Owner | undefined;
}

/** A gap: the standby wants to be compared anew. */
export interface Resync {
  kind: 'resync';
  tag: string;
  epoch: number;
}

export interface Heartbeat {
  kind: 'heartbeat';
  tags: TagHeartbeat[];
}

export interface TagHeartbeat {
  tag: string;
  epoch: number;
  sequence: number;
  standbys: string[];
}

/** The owner of `epoch` permits `to` to claim once its copy is at `sequence` (OWNERSHIP 5). */
export interface Release {
  kind: 'release';
  tag: string;
  epoch: number;
  to: string;
  sequence: number;
}

/** The owner has what it needs of a copy that is no standby's. */
export interface Discard {
  kind: 'discard';
  tag: string;
  epoch: number;
}

export interface Payload {
  kind: 'payload';
  bytes: Uint8Array;
}

/** Datagram: asks for an answer, and says what the sender owns. */
export interface Probe {
  kind: 'probe';
  boot: string;
  voterId: string;
  nonce: number;
  roster: number;
  rosterDigest: number;
  tableDigest: number;
  owned: OwnedTag[];
}

/** Datagram: the answer to `nonce`. */
export interface ProbeAnswer {
  kind: 'answer';
  boot: string;
  voterId: string;
  nonce: number;
  roster: number;
  rosterDigest: number;
  tableDigest: number;
  leases: LeaseAnswer[];
}

/** Whether the voter renews the prober's lease of (tag, epoch); if not, what stands above it. */
export interface LeaseAnswer {
  tag: string;
  epoch: number;
  renewed: boolean;
  granted: number;
  owner: Owner | undefined;
}

/** Datagram: claims of many tags. */
export interface Claim {
  kind: 'claim';
  boot: string;
  voterId: string;
  roster: number;
  rosterDigest: number;
  tags: TagClaim[];
}

export interface TagClaim {
  tag: string;
  epoch: number;
  reason: ClaimReason;
  /** Only asked, nothing is written. */
  preVote: boolean;
  rank: number;
  /** Number of the attempt: answers to an older one are void. */
  attempt: number;
  owner: Owner | undefined;
}

/** Datagram: a voter's answers to claims. */
export interface Verdict {
  kind: 'verdict';
  boot: string;
  voterId: string;
  claimantBoot: string;
  roster: number;
  tags: TagVerdict[];
}

export interface TagVerdict {
  tag: string;
  epoch: number;
  preVote: boolean;
  attempt: number;
  answer: VerdictCode;
  /** Highest grant. */
  granted: Owner | undefined;
  /** Newest owner known. */
  owner: Owner | undefined;
}

/** A voter's answer and its reason. */
export type VerdictCode =
  | 'yes'
  | 'roster'
  | 'not-a-voter'
  | 'just-started'
  | 'floor'
  | 'granted'
  | 'owner-known'
  | 'reason'
  | 'yield';

export type StreamMessage =
  | Hello
  | RosterFrame
  | Table
  | Compare
  | Inventory
  | Want
  | Records
  | Received
  | Synced
  | Changes
  | Ack
  | Refuse
  | Resync
  | Heartbeat
  | Release
  | Discard
  | Payload;
export type DatagramMessage = Probe | ProbeAnswer | Claim | Verdict;
export type Message = StreamMessage | DatagramMessage;
export type MessageKind = Message['kind'];

/** No epoch is above this: an absurd number from a broken peer must not use the numbers up. */
export const MAX_EPOCH = 0x7fff_ffff;
