import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Evidence } from './evidence.ts';
import type { OwnedTag, Probe, ProbeAnswer, TagOwner } from './message.ts';
import type { Ownership } from './ownership.ts';
import type { Roster } from './roster.ts';
import type { Voter } from './voter.ts';

/** A probe without an answer is forgotten after so many more. */
const MAX_OUTSTANDING = 32;
/** Tags asked for in one probe, so that its answer fits a datagram. */
const OWNED_PER_PROBE = 12;
/** OWNERSHIP 2: a refused connection proves an end only right after the stream was closed. */
const REFUSED_AFTER_CLOSE_MS = 1000;
/** A table is sent again to a peer whose digest differs after this. */
const TABLE_AGAIN_MS = 200;
const RTT_WEIGHT = 0.125;
const MAX_OLD_BOOTS = 16;

export interface MembershipParts {
  core: MeshCore;
  evidence: Evidence;
  roster: Roster;
  voter: Voter;
  ownership: Ownership;
}

/** Probes and their answers: who lives, which process it is, what it has renewed (OWNERSHIP 2 and 4). */
export class Membership {
  readonly #core: MeshCore;
  readonly #parts: MembershipParts;
  #probeAtMs: number;

  constructor(parts: MembershipParts) {
    this.#core = parts.core;
    this.#parts = parts;
    this.#probeAtMs = parts.core.nowMs;
  }

  tick(): void {
    const { ownership } = this.#parts;
    if (ownership.probeNow || this.#core.nowMs >= this.#probeAtMs) {
      ownership.probeNow = false;
      for (const peer of this.#core.peers.values()) this.#probe(peer);
      this.#probeAtMs =
        this.#core.nowMs + this.#core.settings.probeIntervalMs * (0.9 + 0.2 * this.#core.random());
    }
    this.#core.wakeAt(this.#probeAtMs);
    for (const peer of this.#core.peers.values()) this.report(peer);
  }

  probe(peer: Peer, message: Probe): void {
    if (peer.oldBoots.has(message.boot)) return;
    if (peer.boot === '') this.#meet(peer, message.boot);
    if (peer.boot === message.boot) this.#hear(peer, message);
    else this.#probe(peer);
    const { roster, voter, ownership } = this.#parts;
    this.#core.datagram(peer, {
      kind: 'answer',
      boot: this.#core.boot,
      voterId: voter.voterId,
      nonce: message.nonce,
      roster: roster.number,
      rosterDigest: roster.digest,
      tableDigest: ownership.tableDigest >>> 0,
      leases: message.owned.map((asked) => ownership.leaseAnswer(peer, message.boot, asked)),
    });
  }

  answer(peer: Peer, message: ProbeAnswer): void {
    const sentAtMs = peer.probes.get(message.nonce);
    if (sentAtMs === undefined || peer.oldBoots.has(message.boot)) return;
    peer.probes.delete(message.nonce);
    if (peer.boot !== message.boot) {
      // A boot that answers what was asked after the present one was met cannot be an older one.
      if (peer.boot !== '' && sentAtMs <= peer.bootSinceMs) return;
      this.#meet(peer, message.boot);
    }
    peer.provenAtMs = Math.max(peer.provenAtMs, sentAtMs);
    if (sentAtMs > peer.goneAtMs) peer.goneAtMs = -Infinity;
    peer.rttMs += (this.#core.nowMs - sentAtMs - peer.rttMs) * RTT_WEIGHT;
    this.#hear(peer, message);
    const { roster, ownership } = this.#parts;
    const counts = message.roster === roster.number && roster.isVoter(peer.pod, message.voterId);
    ownership.leaseAnswered(peer, sentAtMs, counts && !roster.conflictsWith(peer), message.leases);
  }

  /** A stream's first frame: who opened it lives now, so its boot is the present one. */
  greeted(peer: Peer, boot: string, voterId: string): void {
    if (peer.boot !== boot) this.#meet(peer, boot);
    peer.goneAtMs = -Infinity;
    peer.voterId = voterId;
    if (peer.link !== undefined) peer.link.greeted = true;
  }

  closed(peer: Peer, how: 'remote' | 'error'): void {
    peer.link = undefined;
    peer.closedAtMs = how === 'remote' ? this.#core.nowMs : -Infinity;
  }

  refused(peer: Peer): void {
    if (!this.#core.settings.trustReset || peer.link !== undefined) return;
    if (this.#core.nowMs - peer.closedAtMs > REFUSED_AFTER_CLOSE_MS) return;
    peer.goneAtMs = this.#core.nowMs;
    this.report(peer);
    this.#core.wakeAt(this.#core.nowMs);
  }

  /** All owners known, to a peer that may not know them. */
  sendTable(peer: Peer): void {
    const owners: TagOwner[] = [];
    for (const { tag, known } of this.#core.tags.values())
      if (known !== undefined) owners.push({ tag, owner: known });
    if (this.#core.frame(peer, { kind: 'table', owners })) peer.tableSentAtMs = this.#core.nowMs;
  }

  /** Tells the program when a member came or went. */
  report(peer: Peer): void {
    const death = this.#parts.evidence.peerDeath(peer);
    const alive = death === undefined && peer.boot !== '';
    if (alive) this.#core.wakeAt(this.#core.nowMs + Math.max(1, this.#parts.evidence.suspectInMs(peer)));
    if (alive === peer.reportedAlive) return;
    peer.reportedAlive = alive;
    peer.reportedAtMs = this.#core.nowMs;
    const reason = death ?? `${peer.pod} answers`;
    this.#core.emit({ kind: 'member', pod: peer.pod, alive, reason });
  }

  #probe(peer: Peer): void {
    const owned: OwnedTag[] = [];
    for (const state of this.#core.tags.values()) {
      const { tag, owning } = state;
      if (owning === undefined) continue;
      const lapsed = this.#parts.ownership.leaseUntil(state, owning) <= this.#core.nowMs;
      owned.push({ tag, epoch: owning.epoch, lapsed });
    }
    do this.#ask(peer, owned.splice(0, OWNED_PER_PROBE));
    while (owned.length > 0);
  }

  #ask(peer: Peer, owned: OwnedTag[]): void {
    const { roster, voter, ownership } = this.#parts;
    const nonce = this.#core.nextNonce();
    peer.probes.set(nonce, this.#core.nowMs);
    for (const old of peer.probes.keys()) {
      if (peer.probes.size <= MAX_OUTSTANDING + owned.length) break;
      peer.probes.delete(old);
    }
    this.#core.datagram(peer, {
      kind: 'probe',
      boot: this.#core.boot,
      voterId: voter.voterId,
      nonce,
      roster: roster.number,
      rosterDigest: roster.digest,
      tableDigest: ownership.tableDigest >>> 0,
      owned,
    });
  }

  #hear(peer: Peer, message: Probe | ProbeAnswer): void {
    this.#core.heard(peer, message.boot);
    peer.roster = message.roster;
    peer.rosterDigest = message.rosterDigest;
    if (peer.voterId !== message.voterId) {
      peer.voterId = message.voterId;
      this.#parts.roster.meet(peer);
    }
    const differs = message.tableDigest !== this.#parts.ownership.tableDigest >>> 0;
    if (differs && this.#core.nowMs - peer.tableSentAtMs >= TABLE_AGAIN_MS) this.sendTable(peer);
  }

  #meet(peer: Peer, boot: string): void {
    if (peer.boot !== '') peer.oldBoots.add(peer.boot);
    for (const old of peer.oldBoots) {
      if (peer.oldBoots.size <= MAX_OLD_BOOTS) break;
      peer.oldBoots.delete(old);
    }
    peer.boot = boot;
    peer.bootSinceMs = this.#core.nowMs;
    peer.goneAtMs = -Infinity;
    peer.heardAtAwakeMs = this.#core.awakeMs;
    peer.voterId = '';
    peer.holds.clear();
    if (peer.link !== undefined) peer.link.greeted = false;
  }
}
