import type { MeshCore, Peer } from './core.ts';
import type { Owner } from './owner.ts';

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

  /** Why an owner that is known since `knownAtMs` is dead; undefined while it may live. */
  ownerDeath(owner: Owner, knownAtMs: number): string | undefined {
    if (owner.pod === this.#core.pod)
      return owner.boot === this.#core.boot ? undefined : `${owner.pod} was started anew`;
    const peer = this.#core.peers.get(owner.pod);
    if (peer === undefined)
      return this.#core.awakeMs >= this.#core.settings.suspectAfterMs
        ? `${owner.pod} is no member`
        : undefined;
    if (peer.boot !== owner.boot && isOlder(owner.boot, peer, knownAtMs))
      return `${owner.pod} was started anew`;
    if (peer.goneAtMs > -Infinity && peer.boot !== owner.boot && peer.boot !== '') return undefined;
    return this.peerDeath(peer);
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
