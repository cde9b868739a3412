import type { Ballot } from './ballot.ts';
import type { Claims } from './claims.ts';
import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { BrokenCode, Frame } from './frame.ts';
import type { Membership } from './membership.ts';
import type { Hello, Message, StreamMessage } from './message.ts';
import { decodeMessage } from './message-codec.ts';
import type { Ownership } from './ownership.ts';
import type { Repairs } from './repair.ts';
import type { ReplicationStreams } from './replication-stream.ts';
import type { Roster } from './roster.ts';
import type { Standby } from './standby.ts';

export interface DispatchParts {
  core: MeshCore;
  roster: Roster;
  ownership: Ownership;
  membership: Membership;
  ballot: Ballot;
  claims: Claims;
  repairs: Repairs;
  streams: ReplicationStreams;
  standby: Standby;
}

/** Messages about one tag's copies. */
type CopyMessage = Extract<StreamMessage, { tag: string }>;

/** Brings each message to the part that it is for. */
export class Dispatch {
  readonly #core: MeshCore;
  readonly #parts: DispatchParts;

  constructor(parts: DispatchParts) {
    this.#core = parts.core;
    this.#parts = parts;
  }

  datagram(peer: Peer, message: Message): void {
    const { membership, claims, ballot } = this.#parts;
    switch (message.kind) {
      case 'probe':
        membership.probe(peer, message);
        break;
      case 'answer':
        membership.answer(peer, message);
        break;
      case 'claim':
        claims.rival(peer, message);
        ballot.claim(peer, message);
        break;
      case 'verdict':
        claims.verdict(peer, message);
        break;
      default:
        this.#core.note('probe-broken', { pod: peer.pod }, `${message.kind} belongs on a stream`);
    }
  }

  /** A frame of a stream; everything before the peer's hello is of an older process and is left out. */
  frame(peer: Peer, frame: Frame): BrokenCode | undefined {
    const message = decodeMessage(frame);
    if (typeof message === 'string') return message;
    if (message === undefined) return undefined;
    if (message.kind === 'hello') this.#hello(peer, message);
    else if (peer.link?.greeted === true) this.#stream(peer, message);
    return undefined;
  }

  #hello(peer: Peer, message: Hello): void {
    const { membership, roster, streams } = this.#parts;
    membership.greeted(peer, message.boot, message.voterId);
    roster.meet(peer);
    peer.holds = new Set(message.positions.map((position) => position.tag));
    const positions = new Map(message.positions.map((position) => [position.tag, position]));
    for (const state of this.#core.tags.values()) streams.resume(state, peer, positions.get(state.tag));
    membership.report(peer);
    this.#core.wakeAt(this.#core.nowMs);
  }

  #stream(peer: Peer, message: Message): void {
    const { roster, ownership, streams, standby } = this.#parts;
    switch (message.kind) {
      case 'roster':
        roster.heard(peer, message);
        break;
      case 'table':
        for (const { tag, owner } of message.owners) {
          const state = this.#core.tag(tag);
          if (state !== undefined) ownership.learn(state, owner);
        }
        break;
      case 'payload':
        this.#core.emit({ kind: 'payload', from: peer.pod, bytes: message.bytes.slice() });
        break;
      case 'ack':
        for (const position of message.positions) {
          const state = this.#core.tags.get(position.tag);
          if (state !== undefined) streams.acknowledged(state, peer, position);
        }
        break;
      case 'heartbeat':
        standby.heartbeat(peer, message);
        break;
      default:
        if ('tag' in message) this.#copies(peer, message);
    }
  }

  #copies(peer: Peer, message: CopyMessage): void {
    const { standby, repairs } = this.#parts;
    const state = this.#core.tags.get(message.tag);
    switch (message.kind) {
      case 'changes':
        standby.changes(peer, message);
        break;
      case 'compare':
        standby.compare(peer, message);
        break;
      case 'want':
        standby.want(peer, message);
        break;
      case 'records':
        if (state?.owning?.epoch === message.epoch) repairs.records(state, peer, message);
        else standby.records(peer, message);
        break;
      case 'inventory':
        if (state !== undefined) repairs.inventory(state, peer, message);
        break;
      case 'received':
        if (state !== undefined) repairs.received(state, peer, message);
        break;
      default:
        this.#position(peer, message);
    }
  }

  #position(
    peer: Peer,
    message: Extract<CopyMessage, { kind: 'synced' | 'release' | 'discard' | 'refuse' | 'resync' }>,
  ): void {
    const { ownership, streams, standby } = this.#parts;
    const state = this.#core.tags.get(message.tag);
    switch (message.kind) {
      case 'synced':
        standby.synced(peer, message);
        break;
      case 'release':
        standby.release(peer, message);
        break;
      case 'discard':
        standby.discard(peer, message);
        break;
      case 'refuse':
        if (state === undefined) break;
        ownership.learn(state, message.owner);
        if (state.owning?.epoch === message.epoch) ownership.outbid(state, message.granted);
        break;
      case 'resync':
        if (state?.owning?.epoch === message.epoch) streams.resync(state, peer);
        break;
    }
  }
}
