import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { TagState } from './tag-state.ts';
import { decodeEnds, encodeEnds } from './ended-keys.ts';
import type {
  Changes,
  Compare,
  Discard,
  Heartbeat,
  Inventory,
  Position,
  Records,
  Release,
  Synced,
  Want,
} from './message.ts';
import type { Ownership } from './ownership.ts';
import { readChunk } from './record-reader.ts';
import { recordsLength } from './repair.ts';
import type { Voter } from './voter.ts';

const ITEMS_PER_FRAME = 512;
/** Acknowledgements of changes that were not prompt wait for company. */
const ACK_MS = 20;

/** The receiving side of an owner's stream: keeps copies and never acts on them (OWNERSHIP 6). */
export class Standby {
  readonly #core: MeshCore;
  readonly #ownership: Ownership;
  readonly #voter: Voter;
  #ackAtMs = Infinity;

  constructor(core: MeshCore, ownership: Ownership, voter: Voter) {
    this.#core = core;
    this.#ownership = ownership;
    this.#voter = voter;
  }

  /** The owner compares; from `attach` on this pod is its standby. */
  compare(peer: Peer, message: Compare): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    const { store } = state;
    if (message.mode !== 'check' && !store.inTouch(this.#core.nowMs) && !store.empty) store.forgetUntouched();
    if (message.mode === 'attach') {
      state.copy = { epoch: message.epoch, sequence: message.sequence, synced: false };
      store.touchedAtMs = this.#core.nowMs;
    }
    const buckets = store.differing(message.digest);
    const base = { kind: 'inventory' as const, tag: state.tag, epoch: message.epoch, round: message.round };
    const items = store.inventory(buckets);
    do {
      const part = items.splice(0, ITEMS_PER_FRAME);
      const last = items.length === 0;
      const ended = last ? encodeEnds(store.ended.inBuckets(buckets), this.#core.nowMs) : new Uint8Array(0);
      const answer: Inventory = {
        ...base,
        items: part,
        ended,
        buckets: buckets.bytes,
        last,
      };
      this.#core.frame(peer, answer);
    } while (items.length > 0);
  }

  want(peer: Peer, message: Want): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    const { tag, epoch, round, keys } = message;
    do {
      const items = readChunk(this.#core, state, keys);
      const done = keys.length === 0;
      this.#core.frame(peer, { kind: 'records', tag, epoch, round, items, ended: new Uint8Array(0), done });
    } while (keys.length > 0);
  }

  records(peer: Peer, message: Records): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    for (const item of message.items) state.store.merge(item, this.#core.nowMs);
    state.store.endAll(decodeEnds(message.ended, this.#core.nowMs), this.#core.nowMs);
    const { tag, epoch, round } = message;
    this.#core.frame(peer, {
      kind: 'received',
      tag,
      epoch,
      round,
      bytes: recordsLength(message.items, message.ended),
    });
  }

  synced(peer: Peer, message: Synced): void {
    const state = this.#fence(peer, message);
    if (state?.copy.epoch !== message.epoch || state.copy.sequence < message.sequence) return;
    state.copy.synced = true;
    this.#acknowledge(peer, [position(state)]);
  }

  changes(peer: Peer, message: Changes): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    const { copy, store } = state;
    if (copy.epoch !== message.epoch || message.from > copy.sequence) {
      if (copy.epoch !== 0) this.#core.frame(peer, { kind: 'resync', tag: state.tag, epoch: message.epoch });
      copy.epoch = 0;
      copy.synced = false;
      return;
    }
    for (const item of message.items) store.merge(item, this.#core.nowMs);
    copy.sequence = Math.max(copy.sequence, message.to);
    store.touchedAtMs = this.#core.nowMs;
    if (message.prompt) this.#acknowledge(peer, [position(state)]);
    else this.#acknowledgeLater(state);
  }

  heartbeat(peer: Peer, message: Heartbeat): void {
    for (const beat of message.tags) {
      const state = this.#fence(peer, beat);
      if (state === undefined) continue;
      state.standbys = beat.standbys;
      state.heartbeatAtMs = this.#core.nowMs;
      state.heartbeatSequence = beat.sequence;
      const { copy } = state;
      // A copy that the owner does not list is out of touch, and cannot resume where it was.
      if (!beat.standbys.includes(this.#core.pod)) copy.synced = false;
      else if (copy.synced && copy.epoch === beat.epoch) state.store.touchedAtMs = this.#core.nowMs;
    }
  }

  release(peer: Peer, message: Release): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    const { epoch, to, sequence } = message;
    state.release = { epoch, to, sequence };
    this.#core.wakeAt(this.#core.nowMs);
  }

  discard(peer: Peer, message: Discard): void {
    const state = this.#fence(peer, message);
    if (state === undefined) return;
    state.store.clear();
    state.copy = { epoch: 0, sequence: 0, synced: false };
    this.#core.note(
      'copies-discarded',
      { tag: state.tag, pod: peer.pod },
      'this pod is no standby of the tag',
    );
  }

  /** After a long pause heartbeats wait in the sockets that were true once: no copy is in sync until its owner compares it. */
  overslept(): void {
    for (const state of this.#core.tags.values()) {
      if (state.copy.epoch === 0) continue;
      const owner = this.#core.peers.get(state.known?.pod ?? '');
      if (owner !== undefined)
        this.#core.frame(owner, { kind: 'resync', tag: state.tag, epoch: state.copy.epoch });
      state.copy = { ...state.copy, epoch: 0, synced: false };
    }
  }

  tick(): void {
    if (this.#core.nowMs < this.#ackAtMs) {
      this.#core.wakeAt(this.#ackAtMs);
      return;
    }
    this.#ackAtMs = Infinity;
    const due = new Map<string, Position[]>();
    for (const state of this.#core.tags.values()) {
      if (!state.ackDue) continue;
      const list = due.get(state.known?.pod ?? '') ?? [];
      list.push(position(state));
      due.set(state.known?.pod ?? '', list);
    }
    for (const [pod, positions] of due) {
      const peer = this.#core.peers.get(pod);
      if (peer !== undefined) this.#acknowledge(peer, positions);
    }
  }

  /** OWNERSHIP 3: from a grant on, frames of older epochs are refused and the higher one is named. */
  #fence(peer: Peer, about: { tag: string; epoch: number }): TagState | undefined {
    const state = this.#core.tag(about.tag);
    if (state === undefined || about.epoch === 0) return undefined;
    const granted = this.#voter.granted(about.tag)?.epoch ?? 0;
    const { tag, epoch } = about;
    if (epoch < Math.max(granted, state.known?.epoch ?? 0)) {
      this.#core.frame(peer, { kind: 'refuse', tag, epoch, granted, owner: state.known });
      return undefined;
    }
    this.#ownership.learn(state, { epoch, pod: peer.pod, boot: peer.boot });
    return state.known?.epoch === epoch && state.known.pod === peer.pod && state.known.boot === peer.boot
      ? state
      : undefined;
  }

  #acknowledge(peer: Peer, positions: Position[]): void {
    for (const { tag } of positions) {
      const state = this.#core.tags.get(tag);
      if (state !== undefined) state.ackDue = false;
    }
    this.#core.frame(peer, { kind: 'ack', positions });
  }

  #acknowledgeLater(state: TagState): void {
    state.ackDue = true;
    if (this.#ackAtMs === Infinity) this.#ackAtMs = this.#core.nowMs + ACK_MS;
    this.#core.wakeAt(this.#ackAtMs);
  }
}

function position(state: TagState): Position {
  return { tag: state.tag, ...state.copy };
}
