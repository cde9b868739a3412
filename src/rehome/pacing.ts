import type { LegIndex, PeerAddress } from '../dialog/record.ts';
import { Heap } from './heap.ts';
import { TokenBucket } from './token-bucket.ts';

/** How fast legs may be re-homed: per pod, and towards one peer address. */
export interface PacingPolicy {
  legsPerSecond: number;
  perPeer: { legsPerSecond: number; maxInFlight: number };
}

/** A leg that waits for its turn. */
export interface PacedLeg {
  /** The dialog's id. */
  id: string;
  leg: LegIndex;
  peer: PeerAddress;
  notBeforeMs: number;
  /** When something is due on the leg; the earliest goes first. */
  dueAtMs: number;
}

interface Peer {
  bucket: TokenBucket;
  inFlight: number;
  /** Legs that this peer's limits hold back, in order of urgency. */
  held: Heap<PacedLeg>;
}

/** Decides which legs may send now. */
export class Pacing {
  #policy: PacingPolicy;
  #bucket: TokenBucket;
  readonly #later = new Heap<PacedLeg>((leg) => leg.notBeforeMs);
  readonly #ready = new Heap<PacedLeg>((leg) => leg.dueAtMs);
  readonly #peers = new Map<string, Peer>();
  /** Peers that hold legs back. */
  readonly #holding = new Set<Peer>();

  constructor(policy: PacingPolicy, nowMs: number) {
    this.#policy = policy;
    this.#bucket = new TokenBucket(policy.legsPerSecond, nowMs);
  }

  /** Goes on at another pace; what waits and what is in flight stays. */
  adjust(policy: PacingPolicy, nowMs: number): void {
    this.#policy = policy;
    this.#bucket = new TokenBucket(policy.legsPerSecond, nowMs);
    for (const peer of this.#peers.values())
      peer.bucket = new TokenBucket(policy.perPeer.legsPerSecond, nowMs);
  }

  /** Legs that wait. */
  get waiting(): number {
    let held = 0;
    for (const peer of this.#holding) held += peer.held.size;
    return this.#later.size + this.#ready.size + held;
  }

  /** Lines a leg up. */
  queue(leg: PacedLeg): void {
    this.#later.push(leg);
  }

  /** Takes the legs that may send now, most urgent first; each holds a place at its peer until `release`. */
  take(nowMs: number): PacedLeg[] {
    const taken: PacedLeg[] = [];
    this.#ripen(nowMs);
    while (this.#bucket.has(nowMs)) {
      const leg = this.#ready.pop();
      if (leg === undefined) break;
      const peer = this.#peerOf(leg.peer, nowMs);
      if (this.#mayGo(peer, nowMs)) {
        this.#bucket.take(nowMs);
        peer.bucket.take(nowMs);
        peer.inFlight++;
        taken.push(leg);
      } else {
        peer.held.push(leg);
        this.#holding.add(peer);
      }
    }
    return taken;
  }

  /** Gives a leg's place at its peer back. */
  release(address: PeerAddress): void {
    const key = keyOf(address);
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    peer.inFlight--;
    if (peer.inFlight <= 0 && peer.held.size === 0) this.#peers.delete(key);
  }

  /** When `take` may have something to give again; Infinity while only a `release` or a `queue` can change that. */
  nextTakeMs(nowMs: number): number {
    let next = this.#later.peek()?.notBeforeMs ?? Infinity;
    if (this.#ready.size > 0) next = Math.min(next, this.#bucket.nextMs(nowMs));
    for (const peer of this.#holding) {
      if (peer.inFlight >= this.#policy.perPeer.maxInFlight) continue;
      next = Math.min(next, Math.max(peer.bucket.nextMs(nowMs), this.#bucket.nextMs(nowMs)));
    }
    return Math.max(next, nowMs);
  }

  /** Moves what may go by now to the ready heap: as many of a peer's held legs as its limits allow. */
  #ripen(nowMs: number): void {
    for (
      let leg = this.#later.peek();
      leg !== undefined && leg.notBeforeMs <= nowMs;
      leg = this.#later.peek()
    ) {
      this.#later.pop();
      this.#ready.push(leg);
    }
    for (const peer of this.#holding) {
      const places = this.#policy.perPeer.maxInFlight - peer.inFlight;
      const allowed = Math.min(places, peer.bucket.available(nowMs));
      for (let moved = 0; moved < allowed; moved++) {
        const leg = peer.held.pop();
        if (leg === undefined) break;
        this.#ready.push(leg);
      }
      if (peer.held.size === 0) this.#holding.delete(peer);
    }
  }

  #mayGo(peer: Peer, nowMs: number): boolean {
    return peer.inFlight < this.#policy.perPeer.maxInFlight && peer.bucket.has(nowMs);
  }

  #peerOf(address: PeerAddress, nowMs: number): Peer {
    const key = keyOf(address);
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      peer = {
        bucket: new TokenBucket(this.#policy.perPeer.legsPerSecond, nowMs),
        inFlight: 0,
        held: new Heap<PacedLeg>((leg) => leg.dueAtMs),
      };
      this.#peers.set(key, peer);
    }
    return peer;
  }
}

/** One address is one peer, whatever its ports: a trunk's limit is the machine's. */
function keyOf(peer: PeerAddress): string {
  return peer.address;
}
