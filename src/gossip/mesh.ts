import { Ballot } from './ballot.ts';
import { Candidates, HEARTBEAT_VALID_MS, inSyncAt } from './candidate.ts';
import { Claims } from './claims.ts';
import { MeshCore } from './core.ts';
import type { TagState } from './tag-state.ts';
import { Dispatch } from './dispatch.ts';
import { Directory } from './directory.ts';
import type { MeshEffect } from './effects.ts';
import { Evidence } from './evidence.ts';
import { FrameDecoder, readDatagram } from './frame.ts';
import { Handover } from './handover.ts';
import { hello } from './hello.ts';
import { Membership } from './membership.ts';
import { decodeMessage } from './message-codec.ts';
import {
  compileOptions,
  type MeshOptions,
  type PeerConfig,
  type RosterConfig,
  type TagConfig,
} from './options.ts';
import type { Owner } from './owner.ts';
import { Ownership } from './ownership.ts';
import { markDirty, Repairs } from './repair.ts';
import { ReplicationStreams } from './replication-stream.ts';
import { reportMesh, type MeshReport } from './report.ts';
import { Roster } from './roster.ts';
import { Standby } from './standby.ts';
import { decodeVoterFile } from './voter-file.ts';
import { Voter } from './voter.ts';

/** A change of a record that the program holds. */
export interface Change {
  tag: string;
  key: string;
  /** Grows with every change of the record within an epoch. */
  version: number;
  /** Send at once: an answer waits for the acknowledgement. Others share a frame within some milliseconds. */
  prompt: boolean;
}

/** A record that came with a forwarded message. */
export interface ForwardedRecord {
  tag: string;
  key: string;
  epoch: number;
  version: number;
  bytes: Uint8Array;
}

/** The longest payload that `send` takes. */
export const MAX_PAYLOAD_LENGTH = 1_048_576;

/**
 * One member of the mesh (`OWNERSHIP.md`), without I/O: inputs are calls with a monotonic time, outputs the effects that
 * the shell takes after each input, or at the end of its turn for `put`s that are not prompt.
 */
export class Mesh {
  readonly #core: MeshCore;
  readonly #evidence: Evidence;
  readonly #voter: Voter;
  readonly #directory: Directory;
  readonly #roster: Roster;
  readonly #ownership: Ownership;
  readonly #membership: Membership;
  readonly #claims: Claims;
  readonly #streams: ReplicationStreams;
  readonly #standby: Standby;
  readonly #handover: Handover;
  readonly #dispatch: Dispatch;
  /** Tags with changes that are in no frame yet. */
  readonly #dirty = new Set<TagState>();
  #rosterNumber: number;

  /** `voterFile`: what the last `save` wrote, undefined at the very first start. `random`: in [0, 1), unpredictable. */
  constructor(options: MeshOptions, voterFile: Uint8Array | undefined, nowMs: number, random: () => number) {
    const core = new MeshCore(compileOptions(options), nowMs, random);
    this.#core = core;
    const stored = voterFile && decodeVoterFile(voterFile);
    if (voterFile !== undefined && stored === undefined)
      core.note(
        'voter-file-damaged',
        { pod: core.pod },
        'the voter file is damaged: this pod is a new voter',
      );
    const evidence = new Evidence(core);
    const voter = new Voter(core, stored);
    const directory = new Directory(core, (pod) => {
      this.#streams.unlinked(pod);
      this.#roster.forget(pod);
    });
    const roster = new Roster({ core, voter, directory }, stored);
    const repairs = new Repairs(core);
    const ownership = new Ownership({ core, evidence, roster, voter, repairs });
    const candidates = new Candidates(core, evidence);
    const ballot = new Ballot({ core, evidence, roster, voter, ownership, candidates });
    this.#evidence = evidence;
    this.#voter = voter;
    this.#directory = directory;
    this.#roster = roster;
    this.#ownership = ownership;
    this.#membership = new Membership({ core, evidence, roster, voter, ownership });
    this.#claims = new Claims({ core, roster, voter, ownership, ballot, candidates });
    this.#streams = new ReplicationStreams({ core, evidence, repairs, directory });
    this.#standby = new Standby(core, ownership, voter);
    this.#handover = new Handover(core, ownership, this.#streams);
    this.#dispatch = new Dispatch({
      core,
      roster,
      ownership,
      ballot,
      repairs,
      membership: this.#membership,
      claims: this.#claims,
      streams: this.#streams,
      standby: this.#standby,
    });
    this.#rosterNumber = roster.number;
  }

  /** When `tick` wants to be called next, at the latest. */
  get nextTickAt(): number {
    return this.#core.wakeAtMs;
  }

  /** A datagram of a known member; who sent it was checked by the shell. */
  receiveProbe(from: string, bytes: Uint8Array, nowMs: number): void {
    this.#advance(nowMs);
    const peer = this.#core.peers.get(from);
    const frame = readDatagram(bytes);
    const message = typeof frame === 'string' ? frame : decodeMessage(frame);
    if (peer === undefined) this.#core.note('probe-stranger', { pod: from }, `${from} is no member`);
    else if (typeof message === 'string') this.#core.note('probe-broken', { pod: from }, message);
    else if (message !== undefined) this.#dispatch.datagram(peer, message);
  }

  /** Bytes as they come from the peer's stream. */
  receiveFrames(from: string, bytes: Uint8Array, nowMs: number): void {
    this.#advance(nowMs);
    const peer = this.#core.peers.get(from);
    const link = peer?.link;
    if (peer === undefined || link === undefined) return;
    const broken = link.decoder.feed(bytes, (frame) => this.#dispatch.frame(peer, frame));
    if (broken === undefined) return;
    this.#core.note('frame-broken', { pod: from }, broken);
    this.#core.emit({ kind: 'closeStream', to: from, code: broken });
    this.streamClosed(from, 'error', nowMs);
  }

  /** The one stream with `peer` is up; an older one was reported closed before. */
  streamOpened(pod: string, nowMs: number): void {
    this.#advance(nowMs);
    const peer = this.#core.peers.get(pod);
    if (peer === undefined) {
      this.#core.emit({ kind: 'closeStream', to: pod, code: 'stranger' });
      return;
    }
    this.#streams.unlinked(pod);
    peer.closedAtMs = -Infinity;
    peer.link = { decoder: new FrameDecoder(), sequence: 0, greeted: false };
    this.#core.frame(peer, hello(this.#core, this.#voter));
    this.#core.frame(peer, this.#roster.frame());
    this.#membership.sendTable(peer);
  }

  /** `remote`: the other end closed or reset it. `error`: this end did, or the path broke. */
  streamClosed(pod: string, how: 'remote' | 'error', nowMs: number): void {
    this.#advance(nowMs);
    const peer = this.#core.peers.get(pod);
    if (peer?.link === undefined) return;
    this.#membership.closed(peer, how);
    this.#streams.unlinked(pod);
  }

  /** A connection attempt to `peer` was refused (ECONNREFUSED), not timed out. */
  connectRefused(pod: string, nowMs: number): void {
    this.#advance(nowMs);
    const peer = this.#core.peers.get(pod);
    if (peer !== undefined) this.#membership.refused(peer);
  }

  /** The file of that `save` effect, or a later one, is on disk. */
  saved(token: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#voter.saved(token);
  }

  tick(nowMs: number): void {
    this.#advance(nowMs);
    this.#run();
  }

  /** Replicates a change; returns its sequence within the tag for `acknowledged`, 0 if this pod does not own the tag. */
  put(change: Change, nowMs: number): number {
    this.#advance(nowMs);
    const state = this.#core.tags.get(change.tag);
    if (state?.owning === undefined) return 0;
    if (!state.store.own(change.key, state.owning.epoch, change.version, nowMs)) return 0;
    this.#dirty.add(state);
    return markDirty(this.#core, state.owning, change.key, change.prompt);
  }

  /** The record has ended for good; returns as `put` does. */
  end(tag: string, key: string, nowMs: number): number {
    this.#advance(nowMs);
    const state = this.#core.tags.get(tag);
    if (state?.owning === undefined) return 0;
    state.store.end(key, nowMs);
    this.#dirty.add(state);
    return markDirty(this.#core, state.owning, key, false);
  }

  /** Takes a forwarded record; true if it is newer than what is known, so that the program must take it, too. */
  merge(record: ForwardedRecord, nowMs: number): boolean {
    this.#advance(nowMs);
    const state = this.#core.tag(record.tag);
    if (state === undefined) return false;
    if (state.store.merge({ ...record, ended: false, doubtful: false }, nowMs) !== 'newer') return false;
    if (state.owning !== undefined) markDirty(this.#core, state.owning, record.key, false);
    this.#dirty.add(state);
    return true;
  }

  /** Begins a planned move of `tag` to `pod`; returns why not, or undefined if it has begun. */
  handOver(tag: string, pod: string, nowMs: number): string | undefined {
    this.#advance(nowMs);
    const state = this.#core.tags.get(tag);
    return state === undefined ? 'there is no such tag' : this.#handover.begin(state, pod);
  }

  /** Sends opaque bytes to the program of `pod` on its stream; false if there is none. Nothing is kept for later. */
  send(pod: string, payload: Uint8Array): boolean {
    const peer = this.#core.peers.get(pod);
    if (peer?.link?.greeted !== true || payload.length > MAX_PAYLOAD_LENGTH) return false;
    return this.#core.frame(peer, { kind: 'payload', bytes: payload });
  }

  /** Whether this pod owns `tag` and holds the lease at `nowMs`: asked before each act of its own. */
  mayAct(tag: string, nowMs: number): boolean {
    this.#advance(nowMs);
    const state = this.#core.tags.get(tag);
    return state !== undefined && this.#ownership.mayAct(state);
  }

  /** The newest owner known, alive or not. */
  ownerOf(tag: string): Owner | undefined {
    return this.#core.tags.get(tag)?.known;
  }

  /** Takes a roster with a higher number; voters write it before they use it and pass it on. */
  adoptRoster(roster: RosterConfig, nowMs: number): void {
    this.#advance(nowMs);
    this.#roster.adopt(roster);
  }

  /** The processes to talk to beside the members of the roster; who is in neither list is forgotten. */
  setPeers(peers: readonly PeerConfig[], nowMs: number): void {
    this.#advance(nowMs);
    this.#directory.name(peers);
    this.#core.wakeAt(nowMs);
  }

  /** The tags that are wanted, and where. One that is left out is given up when it has no records any more. */
  setTags(tags: readonly TagConfig[], nowMs: number): void {
    this.#advance(nowMs);
    this.#core.wish(tags);
    this.#core.wakeAt(nowMs);
  }

  report(nowMs: number): MeshReport {
    this.#advance(nowMs);
    const { number, conflict, majority, selfVotes, adoptedAtMs } = this.#roster;
    const phase = (state: TagState): boolean => this.#ownership.mayAct(state);
    return reportMesh(this.#core, {
      roster: { number, conflict, majority, members: this.#roster.members.length, adoptedAtMs },
      voterId: this.#voter.voterId,
      voter: selfVotes,
      granted: this.#voter.highest(),
      alive: (pod) => this.#evidence.alive(pod),
      votes: (peer) => this.#roster.isVoter(peer.pod, peer.voterId),
      mayAct: phase,
      inSync: (state) => inSyncAt(this.#core, state, this.#core.nowMs),
      memberPods: this.#roster.members.map((member) => member.pod),
    });
  }

  /** What the shell must do now, in order; the list is the caller's. */
  takeEffects(): MeshEffect[] {
    if (this.#core.wakeAtMs <= this.#core.nowMs) this.#run();
    for (const state of this.#dirty) this.#streams.flushDue(state);
    this.#dirty.clear();
    this.#claims.flush();
    this.#voter.flush(this.#roster.toStore);
    return this.#core.takeEffects();
  }

  #advance(nowMs: number): void {
    if (this.#core.advance(nowMs) >= HEARTBEAT_VALID_MS) this.#standby.overslept();
  }

  #run(): void {
    this.#core.wakeAtMs = Infinity;
    if (this.#roster.number !== this.#rosterNumber) {
      this.#rosterNumber = this.#roster.number;
      this.#ownership.rosterChanged();
    }
    for (const state of this.#core.tags.values()) {
      if (this.#ownership.drop(state)) continue;
      this.#ownership.tick(state);
      this.#handover.tick(state);
      this.#claims.tick(state);
      this.#streams.maintain(state);
      this.#streams.flushDue(state);
    }
    this.#membership.tick();
    this.#streams.heartbeats();
    this.#standby.tick();
  }
}
