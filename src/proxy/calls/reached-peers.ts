import type { Flow } from '../flow.ts';

/** A peer that answered within this time is reached, in ms. */
const REACHED_MS = 60_000;

/** When each listener last got an answer to a request of the pod's own, by the address that gave it. */
export class ReachedPeers {
  private readonly byListener = new Map<string, Map<string, number>>();

  note({ listener, address }: Flow, nowMs: number): void {
    const peers = this.byListener.get(listener) ?? new Map<string, number>();
    // The latest stands last, so that what counts no more is found in front.
    peers.delete(address);
    peers.set(address, nowMs);
    for (const [other, atMs] of peers) {
      if (atMs > nowMs - REACHED_MS) break;
      peers.delete(other);
    }
    this.byListener.set(listener, peers);
  }

  /** Whether the listener reaches somebody else than this address. */
  reachesOthers({ listener, address }: Flow, nowMs: number): boolean {
    for (const [other, atMs] of this.byListener.get(listener) ?? []) {
      if (other !== address && atMs > nowMs - REACHED_MS) return true;
    }
    return false;
  }
}
