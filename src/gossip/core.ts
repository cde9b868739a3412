import type { ChangeLog } from './change-log.ts';
import { CopyStore } from './copy-store.ts';
import type { EndedKey } from './ended-keys.ts';
import type { MeshEffect, NoteCode } from './effects.ts';
import type { FrameDecoder } from './frame.ts';
import type { Lease } from './lease.ts';
import type { DatagramMessage, StreamMessage, VerdictCode } from './message.ts';
import { encodeMessage } from './message-codec.ts';
import type { MeshSettings, Role } from './options.ts';
import type { ClaimReason, Owner } from './owner.ts';
import { WireWriter } from './wire.ts';

/** A stream to a peer while it is open. */
export interface Link {
  decoder: FrameDecoder;
  /** Sequence of the last frame sent. */
  sequence: number;
  /** The peer's `hello` has come. */
  greeted: boolean;
}

/** Another member as this process knows it. */
export interface Peer {
  pod: string;
  role: Role;
  /** Boot id of its present process; '' before the first contact. */
  boot: string;
  /** When that boot was met. */
  bootSinceMs: number;
  oldBoots: Set<string>;
  /** Latest time at which a probe was sent that this boot answered. */
  provenAtMs: number;
  voterId: string;
  roster: number;
  rosterDigest: number;
  /** Awake time at which a datagram of it last came. */
  heardAtAwakeMs: number;
  /** When its stream was closed from the other end; -Infinity if it was not, or is open again. */
  closedAtMs: number;
  /** When a refused connection proved the end of its process; -Infinity if it lives. */
  goneAtMs: number;
  /** Last state that was told to the program, and since when. */
  reportedAlive: boolean;
  reportedAtMs: number;
  rttMs: number;
  /** Probes without an answer so far: nonce to time sent. */
  probes: Map<number, number>;
  tableSentAtMs: number;
  link: Link | undefined;
  /** Tags of which it is known to hold copies. */
  holds: Set<string>;
}

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
  store: CopyStore;
  known: Owner | undefined;
  knownAtMs: number;
  /** The owner's standbys in order, as its last heartbeat named them. */
  standbys: string[];
  heartbeatAtMs: number;
  heartbeatSequence: number;
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

/** A peer may not make this pod keep more tags. */
const MAX_TAGS = 4096;
const FIRST_RTT_MS = 5;

/** What all parts of the mesh share: time, effects, peers and tags. */
export class MeshCore {
  readonly settings: MeshSettings;
  readonly random: () => number;
  readonly startedAtMs: number;
  /** What this pod is in the roster. */
  role: Role = 'proxy';
  readonly peers: Map<string, Peer> = new Map<string, Peer>();
  readonly tags: Map<string, TagState> = new Map<string, TagState>();
  nowMs: number;
  /** Time in which this process was awake: a pause counts little, so that nobody seems silent after it. */
  awakeMs = 0;
  /** When something is due next. */
  wakeAtMs: number;
  #effects: MeshEffect[] = [];
  #nonce = 0;
  readonly #writer = new WireWriter();

  constructor(settings: MeshSettings, nowMs: number, random: () => number) {
    this.settings = settings;
    this.random = random;
    this.startedAtMs = nowMs;
    this.nowMs = nowMs;
    this.wakeAtMs = nowMs;
    for (const tag of settings.tags) this.tag(tag);
  }

  get pod(): string {
    return this.settings.self.pod;
  }

  get boot(): string {
    return this.settings.self.bootId;
  }

  /** Moves the time, which never goes back; returns by how much. */
  advance(nowMs: number): number {
    const stepMs = nowMs - this.nowMs;
    if (stepMs <= 0) return 0;
    this.awakeMs += Math.min(stepMs, this.settings.probeIntervalMs * 2);
    this.nowMs = nowMs;
    return stepMs;
  }

  wakeAt(atMs: number): void {
    if (atMs < this.wakeAtMs) this.wakeAtMs = atMs;
  }

  /** OWNERSHIP 1: for `suspectAfter` after its start a process neither claims nor grants. */
  get settled(): boolean {
    return this.nowMs - this.startedAtMs >= this.settings.suspectAfterMs;
  }

  nextNonce(): number {
    return ++this.#nonce;
  }

  emit(effect: MeshEffect): void {
    this.#effects.push(effect);
  }

  note(code: NoteCode, about: { tag?: string; pod?: string }, text: string): void {
    this.emit({ kind: 'note', code, tag: about.tag ?? '', pod: about.pod ?? '', text });
  }

  takeEffects(): MeshEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  datagram(peer: Peer, message: DatagramMessage): void {
    this.emit({ kind: 'probe', to: peer.pod, bytes: encodeMessage(this.#writer, message, 0) });
  }

  /** False if there is no stream to the peer. */
  frame(peer: Peer, message: StreamMessage): boolean {
    if (peer.link === undefined) return false;
    this.emit({
      kind: 'frame',
      to: peer.pod,
      bytes: encodeMessage(this.#writer, message, this.#next(peer.link)),
    });
    return true;
  }

  /** One message to several peers: its body is encoded once. Returns the frame's length. */
  frames(peers: readonly Peer[], message: StreamMessage): number {
    const body = encodeMessage(this.#writer, message, 0);
    for (const [index, peer] of peers.entries()) {
      if (peer.link === undefined) continue;
      const bytes = index === peers.length - 1 ? body : body.slice();
      new DataView(bytes.buffer).setUint32(8, this.#next(peer.link));
      this.emit({ kind: 'frame', to: peer.pod, bytes });
    }
    return body.length;
  }

  /** Peers with a stream: the own hello was its first frame, so that they understand what follows. */
  reachable(): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.link !== undefined);
  }

  /** Peers that have said hello on their stream. */
  linked(): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.link?.greeted === true);
  }

  /** A datagram of the peer's present process has come. */
  heard(peer: Peer, boot: string): void {
    if (peer.boot === boot) peer.heardAtAwakeMs = this.awakeMs;
  }

  addPeer(pod: string, role: Role): void {
    const known = this.peers.get(pod);
    if (known !== undefined) known.role = role;
    else if (pod !== this.pod) this.peers.set(pod, newPeer(pod, role, this.awakeMs));
  }

  /** The state of a tag, made at its first mention; undefined past the bound. */
  tag(name: string): TagState | undefined {
    const known = this.tags.get(name);
    if (known !== undefined || name === '' || this.tags.size >= MAX_TAGS) return known;
    const state = newTag(name, this.startedAtMs);
    this.tags.set(name, state);
    return state;
  }

  #next(link: Link): number {
    link.sequence = (link.sequence + 1) % 0x1_0000_0000;
    return link.sequence;
  }
}

function newPeer(pod: string, role: Role, awakeMs: number): Peer {
  return {
    pod,
    role,
    boot: '',
    bootSinceMs: -Infinity,
    oldBoots: new Set(),
    provenAtMs: -Infinity,
    voterId: '',
    roster: 0,
    rosterDigest: 0,
    heardAtAwakeMs: awakeMs,
    closedAtMs: -Infinity,
    goneAtMs: -Infinity,
    reportedAlive: false,
    reportedAtMs: -Infinity,
    rttMs: FIRST_RTT_MS,
    probes: new Map(),
    tableSentAtMs: -Infinity,
    link: undefined,
    holds: new Set(),
  };
}

function newTag(tag: string, startedAtMs: number): TagState {
  return {
    tag,
    store: new CopyStore(),
    known: undefined,
    knownAtMs: startedAtMs,
    standbys: [],
    heartbeatAtMs: -Infinity,
    heartbeatSequence: 0,
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
