import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Owning, StandbyStream, TagState } from './tag-state.ts';
import type { Evidence } from './evidence.ts';
import type { Directory } from './directory.ts';
import type { Position, TagHeartbeat } from './message.ts';
import { ringOrder } from './placement.ts';
import { readChunk } from './record-reader.ts';
import type { Repairs } from './repair.ts';
import { chooseStandbys, type StandbyCandidate } from './standby-choice.ts';

/** Changes that are not prompt share a frame with what comes within this time. */
export const BATCH_MS = 5;
export const HEARTBEAT_MS = 500;
/** How often a copy in sync is compared by digest. */
const CHECK_MS = 30_000;
/** A standby that has not acknowledged this much is compared anew when it has caught up. */
const MAX_UNACKNOWLEDGED_BYTES = 8_388_608;

export interface StreamsParts {
  core: MeshCore;
  evidence: Evidence;
  repairs: Repairs;
  directory: Directory;
}

/** The owner's ordered streams to its standbys (OWNERSHIP 6). */
export class ReplicationStreams {
  readonly #core: MeshCore;
  readonly #evidence: Evidence;
  readonly #repairs: Repairs;
  readonly #directory: Directory;

  constructor(parts: StreamsParts) {
    this.#core = parts.core;
    this.#evidence = parts.evidence;
    this.#repairs = parts.repairs;
    this.#directory = parts.directory;
  }

  /** Frames for what is prompt, or has waited long enough. */
  flushDue(state: TagState): void {
    const { owning } = state;
    if (owning === undefined || owning.flushed === owning.log.sequence) return;
    if (owning.prompt || this.#core.nowMs - owning.dirtySinceMs >= BATCH_MS) this.flush(state, owning);
    else this.#core.wakeAt(owning.dirtySinceMs + BATCH_MS);
  }

  flush(state: TagState, owning: Owning): void {
    if (owning.flushed === owning.log.sequence) return;
    const keys = owning.log.since(owning.flushed);
    const from = owning.flushed;
    const prompt = owning.prompt;
    owning.flushed = owning.log.sequence;
    owning.prompt = false;
    const receivers = [...owning.streams].filter(([, stream]) => stream.state !== 'overrun');
    if (keys !== undefined && receivers.length > 0)
      this.#changes(state, owning, { keys, from, prompt }, receivers);
    if (keys !== undefined) return;
    for (const [, stream] of receivers) stream.state = 'overrun';
    this.#account(state, owning);
  }

  /** A standby is (again) linked and says where its copy is. */
  resume(state: TagState, peer: Peer, position: Position | undefined): void {
    const { owning } = state;
    if (owning?.phase !== 'active' || !owning.standbys.includes(peer.pod)) return;
    if (owning.streams.has(peer.pod) || owning.repairs.has(peer.pod)) return;
    this.flush(state, owning);
    const keys = position && resumable(owning, position);
    if (position === undefined || keys === undefined) {
      this.#attach(state, owning, peer);
      return;
    }
    const stream = newStream('synced', position.sequence, this.#core.nowMs);
    owning.streams.set(peer.pod, stream);
    if (keys.length > 0)
      this.#changes(state, owning, { keys, from: position.sequence, prompt: true }, [[peer.pod, stream]]);
    this.#account(state, owning);
  }

  unlinked(pod: string): void {
    for (const state of this.#core.tags.values()) {
      if (state.owning === undefined) continue;
      state.owning.repairs.delete(pod);
      if (state.owning.streams.delete(pod)) this.#account(state, state.owning);
    }
  }

  acknowledged(state: TagState, peer: Peer, position: Position): void {
    const { owning } = state;
    const stream = owning?.streams.get(peer.pod);
    if (owning?.epoch !== position.epoch || stream === undefined) return;
    settleFrames(stream, position.sequence);
    if (hasCaughtUp(stream)) this.#attach(state, owning, peer);
    if (stream.state === 'repairing' && position.synced) stream.state = 'synced';
    this.#account(state, owning);
  }

  /** A standby found a gap. */
  resync(state: TagState, peer: Peer): void {
    if (state.owning?.streams.has(peer.pod) !== true) return;
    this.#core.note('standby-resync', { tag: state.tag, pod: peer.pod }, 'the standby found a gap');
    this.#attach(state, state.owning, peer);
  }

  /** Keeps the list of standbys full, and their copies compared. */
  maintain(state: TagState): void {
    const { owning } = state;
    if (owning?.phase !== 'active') return;
    if (owning.leaseReported) this.#relist(state, owning);
    for (const pod of owning.standbys) {
      const peer = this.#core.peers.get(pod);
      if (peer?.link?.greeted === true && !owning.repairs.has(pod)) this.#keepUp(state, owning, peer);
    }
    this.#retire(state, owning);
  }

  #keepUp(state: TagState, owning: Owning, peer: Peer): void {
    const stream = owning.streams.get(peer.pod);
    if (stream === undefined || hasCaughtUp(stream)) {
      this.#attach(state, owning, peer);
    } else if (stream.state === 'synced' && this.#core.nowMs - stream.checkedAtMs >= CHECK_MS) {
      stream.checkedAtMs = this.#core.nowMs;
      this.flush(state, owning);
      this.#repairs.start(state, peer, 'check');
    }
  }

  /** A copy that nobody lists is given up only when the listed ones are whole; the owner takes from it what it lacks first. */
  #retire(state: TagState, owning: Owning): void {
    if (owning.inSyncReported < this.#core.settings.replicationFactor) return;
    for (const peer of this.#core.linked())
      if (peer.holds.has(state.tag) && !owning.standbys.includes(peer.pod) && !owning.repairs.has(peer.pod))
        this.#repairs.start(state, peer, 'gather');
  }

  /** The owned tags' positions and standbys, when they are due. */
  heartbeats(): void {
    const due: TagHeartbeat[] = [];
    for (const state of this.#core.tags.values()) {
      const { owning } = state;
      if (owning?.phase !== 'active') continue;
      if (this.#core.nowMs - owning.heartbeatAtMs >= HEARTBEAT_MS) {
        owning.heartbeatAtMs = this.#core.nowMs;
        due.push({
          tag: state.tag,
          epoch: owning.epoch,
          sequence: owning.flushed,
          standbys: owning.standbys,
        });
      }
      this.#core.wakeAt(owning.heartbeatAtMs + HEARTBEAT_MS);
    }
    if (due.length > 0) this.#core.frames(this.#core.linked(), { kind: 'heartbeat', tags: due });
  }

  #changes(
    state: TagState,
    owning: Owning,
    part: { keys: string[]; from: number; prompt: boolean },
    receivers: [string, StandbyStream][],
  ): void {
    const peers = receivers.map(([pod]) => this.#core.peers.get(pod)).filter((peer) => peer !== undefined);
    let from = part.from;
    do {
      const items = readChunk(this.#core, state, part.keys);
      const to = part.keys.length === 0 ? owning.flushed : from;
      const { tag } = state;
      const { prompt } = part;
      const length = this.#core.frames(peers, {
        kind: 'changes',
        tag,
        epoch: owning.epoch,
        from,
        to,
        prompt,
        items,
      });
      for (const [pod, stream] of receivers) this.#sent(state, pod, stream, { sequence: to, length });
      from = to;
    } while (part.keys.length > 0);
    if (receivers.some(([, stream]) => stream.state === 'overrun')) this.#account(state, owning);
  }

  #sent(
    state: TagState,
    pod: string,
    stream: StandbyStream,
    frame: { sequence: number; length: number },
  ): void {
    stream.sent = frame.sequence;
    stream.unacknowledged.push(frame);
    stream.unacknowledgedBytes += frame.length;
    if (stream.unacknowledgedBytes <= MAX_UNACKNOWLEDGED_BYTES || stream.state === 'overrun') return;
    stream.state = 'overrun';
    this.#core.note('standby-overrun', { tag: state.tag, pod }, 'the standby does not keep up');
  }

  #attach(state: TagState, owning: Owning, peer: Peer): void {
    this.flush(state, owning);
    owning.streams.set(peer.pod, newStream('comparing', owning.flushed, this.#core.nowMs));
    this.#repairs.start(state, peer, 'attach');
    this.#account(state, owning);
  }

  /**
   * OWNERSHIP 8: the list shrinks only under a lease. A copy in sync that is wanted no more stays listed until all that are wanted are in
   * sync, too.
   */
  #relist(state: TagState, owning: Owning): void {
    const before = owning.standbys;
    const wanted = this.#wanted(state, owning);
    const whole = wanted.every((pod) => isSynced(owning, pod));
    const spare = before.filter(
      (pod) => !whole && !wanted.includes(pod) && this.#evidence.alive(pod) && isSynced(owning, pod),
    );
    const list = [...wanted, ...spare];
    if (list.length === before.length && list.every((pod, index) => pod === before[index])) return;
    for (const pod of before.filter((pod) => !list.includes(pod))) {
      owning.streams.delete(pod);
      owning.repairs.delete(pod);
      this.#core.peers.get(pod)?.holds.add(state.tag);
    }
    owning.standbys = list;
    owning.heartbeatAtMs = -Infinity;
    this.#account(state, owning);
  }

  /** Who should hold copies now: whom the placement names, then who is listed, then who has copies, then by the ring. */
  #wanted(state: TagState, owning: Owning): string[] {
    const { placement = [] } = state;
    const before = owning.standbys.filter((pod) => this.#evidence.alive(pod));
    const linked = this.#core
      .linked()
      .filter((peer) => peer.role === 'proxy' && this.#evidence.alive(peer.pod))
      .map((peer) => peer.pod);
    const open = new Set([...before, ...linked]);
    const ring = ringOrder(state.tag, [...open]);
    const holders = ring.filter((pod) => this.#holds(pod, state.tag));
    const order = new Set([...placement, ...before, ...holders, ...ring]);
    const candidates = [...order]
      .filter((pod) => open.has(pod))
      .map((pod): StandbyCandidate => ({
        ...this.#directory.place(pod),
        pod,
        wished: placement.includes(pod),
      }));
    const own = this.#directory.place(this.#core.pod);
    return chooseStandbys(own, candidates, this.#core.settings.replicationFactor).map(({ pod }) => pod);
  }

  #holds(pod: string, tag: string): boolean {
    return this.#core.peers.get(pod)?.holds.has(tag) ?? false;
  }

  /** Tells the program how far the best standby in sync is, and how many there are. */
  #account(state: TagState, owning: Owning): void {
    const synced = [...owning.streams].filter(([, stream]) => stream.state === 'synced');
    if (synced.length !== owning.inSyncReported) {
      owning.inSyncReported = synced.length;
      owning.heartbeatAtMs = -Infinity;
      this.#core.emit({ kind: 'standbys', tag: state.tag, inSync: synced.length });
    }
    for (const [pod, { acknowledged }] of synced) {
      if (acknowledged <= owning.acknowledged) continue;
      owning.acknowledged = acknowledged;
      this.#core.emit({ kind: 'acknowledged', tag: state.tag, sequence: acknowledged, pod });
    }
  }
}

function isSynced(owning: Owning, pod: string): boolean {
  return owning.streams.get(pod)?.state === 'synced';
}

/** What a copy at that position lacks; undefined if the log does not tell. */
function resumable(owning: Owning, position: Position): string[] | undefined {
  if (!position.synced || position.epoch !== owning.epoch || position.sequence < owning.resumeFrom)
    return undefined;
  return owning.log.since(position.sequence);
}

/** A standby that was overrun has taken in all that was sent: what it was not sent is found by comparing. */
function hasCaughtUp(stream: StandbyStream): boolean {
  return stream.state === 'overrun' && stream.unacknowledgedBytes <= 0;
}

/** Frames up to that sequence are acknowledged. */
function settleFrames(stream: StandbyStream, sequence: number): void {
  if (sequence > stream.acknowledged) stream.acknowledged = Math.min(sequence, stream.sent);
  while ((stream.unacknowledged[0]?.sequence ?? Infinity) <= stream.acknowledged)
    stream.unacknowledgedBytes -= stream.unacknowledged.shift()?.length ?? 0;
}

function newStream(state: StandbyStream['state'], sequence: number, nowMs: number): StandbyStream {
  return {
    state,
    sent: sequence,
    acknowledged: state === 'synced' ? sequence : 0,
    unacknowledged: [],
    unacknowledgedBytes: 0,
    checkedAtMs: nowMs,
  };
}
