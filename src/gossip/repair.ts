import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Owning, Repair, TagState } from './tag-state.ts';
import { isNewer } from './copy-store.ts';
import { Bits } from './digest.ts';
import { decodeEnds, encodeEnds, type EndedKey } from './ended-keys.ts';
import type { CompareMode, Inventory, Received, RecordItem, Records } from './message.ts';
import { readChunk } from './record-reader.ts';

/** Records on their way to one standby: more wait until it has taken some in. */
const WINDOW_BYTES = 262_144;
const WANT_KEYS = 256;
const ENDED_PER_FRAME = 8192;
const ENDED_RECORD = { epoch: 0, version: 0, ended: true, doubtful: false, bytes: new Uint8Array(0) };

/** The owner's side of comparing copies (OWNERSHIP 3 and 6): take what the peer has newer, give what it lacks. */
export class Repairs {
  readonly #core: MeshCore;

  constructor(core: MeshCore) {
    this.#core = core;
  }

  /** Asks the peer what differs; everything changed so far must have been flushed. */
  start(state: TagState, peer: Peer, mode: CompareMode): void {
    const { owning } = state;
    if (owning === undefined) return;
    const round = this.#core.nextNonce();
    owning.repairs.set(peer.pod, newRepair(mode, round));
    this.#core.frame(peer, {
      kind: 'compare',
      tag: state.tag,
      epoch: owning.epoch,
      sequence: owning.flushed,
      mode,
      round,
      digest: state.store.digest(),
    });
  }

  inventory(state: TagState, peer: Peer, message: Inventory): void {
    const repair = this.#repair(state, peer, message);
    if (repair === undefined || repair.listed) return;
    for (const item of message.items) repair.theirs.set(item.key, item);
    repair.ended.push(...decodeEnds(message.ended, this.#core.nowMs));
    if (!message.last) return;
    repair.listed = true;
    this.#compare(state, peer, repair, new Bits(message.buckets));
    if (repair.mode === 'check' && repair.sendKeys.length + repair.wantKeys.length > 0)
      this.#core.note(
        'drift-repaired',
        { tag: state.tag, pod: peer.pod },
        `${String(repair.sendKeys.length)} records sent, ${String(repair.wantKeys.length)} taken`,
      );
    this.#progress(state, peer, repair);
  }

  /** Records that the owner asked for, or that a peer volunteers. */
  records(state: TagState, peer: Peer, message: Records): void {
    for (const item of message.items) this.take(state, item);
    const repair = this.#repair(state, peer, message);
    if (repair === undefined || !message.done) return;
    repair.wanting = false;
    this.#progress(state, peer, repair);
  }

  received(state: TagState, peer: Peer, message: Received): void {
    const repair = this.#repair(state, peer, message);
    if (repair === undefined) return;
    repair.inFlightBytes = Math.max(0, repair.inFlightBytes - message.bytes);
    this.#progress(state, peer, repair);
  }

  /** Merges a record into what the owner has, tells the program and passes it on to the standbys; true if it was news. */
  take(state: TagState, item: RecordItem): boolean {
    const result = state.store.merge(item, this.#core.nowMs);
    if (result === 'older') return false;
    this.#pass(state, item, result === 'ended');
    return true;
  }

  #pass(state: TagState, item: RecordItem, ended: boolean): void {
    const { owning } = state;
    if (owning === undefined) return;
    if (owning.phase === 'gathering') {
      // Who renews holds the record itself and is given only what is newer.
      if (ended && owning.reason === 'renew') this.#tell(state, item, true);
      return;
    }
    markDirty(this.#core, owning, item.key, false);
    this.#tell(state, item, ended);
  }

  #tell(state: TagState, item: RecordItem, ended: boolean): void {
    const { key, epoch, version, doubtful } = item;
    const bytes = state.store.bytes(key) ?? item.bytes;
    const record = ended ? undefined : { key, epoch, version, bytes, doubtful };
    this.#core.emit({ kind: 'merged', tag: state.tag, key, ended, record });
  }

  #repair(state: TagState, peer: Peer, message: { epoch: number; round: number }): Repair | undefined {
    const repair = state.owning?.epoch === message.epoch ? state.owning.repairs.get(peer.pod) : undefined;
    return repair?.round === message.round ? repair : undefined;
  }

  #compare(state: TagState, peer: Peer, repair: Repair, buckets: Bits): void {
    const { store } = state;
    const { news, keys } = store.endAll(repair.ended, this.#core.nowMs);
    for (const key of keys) this.#pass(state, { ...ENDED_RECORD, key }, true);
    this.#passEnds(state, peer, news);
    for (const [key, theirs] of repair.theirs) {
      const mine = store.version(key);
      if (mine === undefined && store.isEnded(key)) repair.sendKeys.push(key);
      else if (mine === undefined || isNewer(theirs, mine)) repair.wantKeys.push(key);
    }
    if (repair.mode === 'gather') {
      repair.sendKeys = [];
      return;
    }
    for (const mine of store.inventory(buckets)) {
      const theirs = repair.theirs.get(mine.key);
      if (theirs === undefined || isNewer(mine, theirs)) repair.sendKeys.push(mine.key);
    }
    const known = new Set(repair.ended.map((end) => end.hash));
    repair.sendEnded = store.ended.inBuckets(buckets).filter((end) => !known.has(end.hash));
  }

  /** Ends that the owner learnt from one standby are news to the others, too. */
  #passEnds(state: TagState, from: Peer, news: readonly EndedKey[]): void {
    const { owning } = state;
    if (owning === undefined || news.length === 0) return;
    // Ends without a key are in no log: a sequence of their own keeps an older position from resuming.
    owning.resumeFrom = markDirty(this.#core, owning, '', false);
    const others = this.#core.linked().filter((peer) => peer !== from && owning.streams.has(peer.pod));
    const ended = encodeEnds(news, this.#core.nowMs);
    this.#core.frames(others, {
      kind: 'records',
      tag: state.tag,
      epoch: owning.epoch,
      round: 0,
      items: [],
      ended,
      done: false,
    });
  }

  #progress(state: TagState, peer: Peer, repair: Repair): void {
    const { owning } = state;
    if (owning === undefined || !repair.listed) return;
    const base = { tag: state.tag, epoch: owning.epoch, round: repair.round };
    if (repair.wantKeys.length > 0 && !repair.wanting) {
      repair.wanting = true;
      this.#core.frame(peer, { kind: 'want', ...base, keys: repair.wantKeys.splice(0, WANT_KEYS) });
    }
    while (repair.sendKeys.length + repair.sendEnded.length > 0 && repair.inFlightBytes < WINDOW_BYTES) {
      const items = readChunk(this.#core, state, repair.sendKeys);
      const ended = encodeEnds(repair.sendEnded.splice(0, ENDED_PER_FRAME), this.#core.nowMs);
      repair.inFlightBytes += recordsLength(items, ended);
      this.#core.frame(peer, { kind: 'records', ...base, items, ended, done: false });
    }
    if (!repair.wanting && repair.sendKeys.length + repair.sendEnded.length === 0)
      this.#finish(state, owning, peer, repair);
  }

  #finish(state: TagState, owning: Owning, peer: Peer, repair: Repair): void {
    owning.repairs.delete(peer.pod);
    owning.gather.delete(peer.pod);
    const base = { tag: state.tag, epoch: owning.epoch };
    const stream = owning.streams.get(peer.pod);
    if (repair.mode === 'attach' && stream?.state === 'comparing') {
      stream.state = 'repairing';
      this.#core.frame(peer, { kind: 'synced', ...base, sequence: stream.sent });
    }
    if (repair.mode === 'gather' && owning.phase === 'active' && !owning.standbys.includes(peer.pod)) {
      peer.holds.delete(state.tag);
      this.#core.frame(peer, { kind: 'discard', ...base });
    }
    this.#core.wakeAt(this.#core.nowMs);
  }
}

/** What a peer says it has taken in when it has read such a frame. */
export function recordsLength(items: readonly RecordItem[], ended: Uint8Array): number {
  return items.reduce((sum, item) => sum + item.bytes.length + item.key.length, ended.length);
}

/** Puts a change into the tag's log; returns its sequence. */
export function markDirty(core: MeshCore, owning: Owning, key: string, prompt: boolean): number {
  if (owning.flushed === owning.log.sequence) owning.dirtySinceMs = core.nowMs;
  if (prompt) owning.prompt = true;
  return owning.log.append(key);
}

function newRepair(mode: CompareMode, round: number): Repair {
  return {
    mode,
    round,
    theirs: new Map(),
    ended: [],
    sendKeys: [],
    sendEnded: [],
    wantKeys: [],
    wanting: false,
    inFlightBytes: 0,
    listed: false,
  };
}
