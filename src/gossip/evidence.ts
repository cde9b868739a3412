import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { TagState } from './tag-state.ts';

/**
 * An owner whose probes say for this share of `suspectAfter` that it has no lease, though they were answered all the time, does not hear
 * the answers.
 */
const DEAF_SHARE = 0.5;

/** Whether a member is dead in this voter's view, and why (OWNERSHIP 2). */
export class Evidence {
  readonly #core: MeshCore;

  constructor(core: MeshCore) {
    this.#core = core;
  }

  /** Why the present process of a member is dead; undefined while it lives. */
  peerDeath(peer: Peer): string | undefined {
    if (peer.goneAtMs > -Infinity) return `${peer.pod} closed its stream and refuses connections`;
    const silent = this.#core.awakeMs - peer.heardAtAwakeMs;
    return silent >= this.#core.settings.suspectAfterMs ? `${peer.pod} is silent` : undefined;
  }

  /** Why the newest owner known is dead; undefined while it may live, and if none is known. */
  ownerDeath({ known: owner, knownAtMs, lapsedSinceAwakeMs }: TagState): string | undefined {
    if (owner === undefined) return undefined;
    if (owner.pod === this.#core.pod)
      return owner.boot === this.#core.boot ? undefined : `${owner.pod} was started anew`;
    const peer = this.#core.peers.get(owner.pod);
    if (peer === undefined) return this.#strangerDeath(owner.pod);
    if (this.#lapsedFor(lapsedSinceAwakeMs) >= (1 + DEAF_SHARE) * this.#core.settings.suspectAfterMs)
      return `${owner.pod} hears no answer`;
    if (peer.boot !== owner.boot && isOlder(owner.boot, peer, knownAtMs))
      return `${owner.pod} was started anew`;
    if (peer.goneAtMs > -Infinity && peer.boot !== owner.boot && peer.boot !== '') return undefined;
    return this.peerDeath(peer);
  }

  /**
   * Whether this voter renews no more the lease of an owner that seems deaf. An answer that comes through after all must not meet a grant
   * to another pod: the tenure is over only when this voter has renewed nothing for `suspectAfter`.
   */
  withholds({ lapsedSinceAwakeMs }: TagState): boolean {
    return this.#lapsedFor(lapsedSinceAwakeMs) >= DEAF_SHARE * this.#core.settings.suspectAfterMs;
  }

  /** One that was a peer may have been answered up to then. */
  #strangerDeath(pod: string): string | undefined {
    const sinceMs = this.#core.awakeMs - this.#core.strangerSinceAwakeMs(pod);
    return sinceMs >= this.#core.settings.suspectAfterMs ? `${pod} is no member` : undefined;
  }

  #lapsedFor(sinceAwakeMs: number): number {
    return this.#core.awakeMs - sinceAwakeMs;
  }

  alive(pod: string): boolean {
    const peer = this.#core.peers.get(pod);
    return (
      pod === this.#core.pod || (peer !== undefined && peer.boot !== '' && this.peerDeath(peer) === undefined)
    );
  }

  /** When silence could next make this peer dead. */
  suspectInMs(peer: Peer): number {
    return peer.heardAtAwakeMs + this.#core.settings.suspectAfterMs - this.#core.awakeMs;
  }
}

/** A boot that the peer's present one followed: met before it, or known as an owner before the present one proved alive. */
function isOlder(boot: string, peer: Peer, knownAtMs: number): boolean {
  return peer.boot !== '' && (peer.oldBoots.has(boot) || peer.provenAtMs > knownAtMs);
}
