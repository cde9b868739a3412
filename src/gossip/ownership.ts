import { ChangeLog } from './change-log.ts';
import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Attempt, Owning, TagState } from './tag-state.ts';
import type { RecordCopy } from './effects.ts';
import { hashText } from './digest.ts';
import { hello } from './hello.ts';
import type { Evidence } from './evidence.ts';
import { Lease } from './lease.ts';
import { MAX_EPOCH, type LeaseAnswer, type OwnedTag } from './message.ts';
import { sameOwner, type Owner } from './owner.ts';
import type { Repairs } from './repair.ts';
import type { Roster } from './roster.ts';
import type { Voter } from './voter.ts';

/** OWNERSHIP 3: how long a pod that is heard but does not answer is waited for. */
const MUTE_MS = 2000;
const FIRST_LEASE_PROBE_MS = 30;
/** A tag that is not wanted is nobody's when its owner has not asked for its lease for so long. */
const DROP_AFTER_MS = 10_000;
/** Changes kept for a standby that reconnects. */
const LOG_LIMIT = 10_000;
/** An owner that is told of a higher grant claims after this and as much again at random, twice. */
const RENEW_MS = 100;

/** What owning needs of the other parts. */
export interface OwnershipParts {
  core: MeshCore;
  evidence: Evidence;
  roster: Roster;
  voter: Voter;
  repairs: Repairs;
}

/** Who owns each tag as far as this pod knows, and what this pod owns itself (OWNERSHIP 1, 3, 4). */
export class Ownership {
  readonly #core: MeshCore;
  readonly #parts: OwnershipParts;
  /** Over all newest owners known, independent of their order. */
  tableDigest = 0;
  /** The lease of a new owner starts with probes of its own. */
  probeNow = false;
  #probedAtMs = -Infinity;

  constructor(parts: OwnershipParts) {
    this.#core = parts.core;
    this.#parts = parts;
  }

  /** A newer owner of a tag, from whatever source: it was elected, so it is the truth. */
  learn(state: TagState, owner: Owner | undefined): void {
    if (owner === undefined || !this.#isNews(state, owner)) return;
    this.tableDigest ^= digestOf(state.tag, state.known) ^ digestOf(state.tag, owner);
    state.known = owner;
    state.knownAtMs = this.#core.nowMs;
    state.lapsedSinceAwakeMs = Infinity;
    state.askedAtMs = this.#core.nowMs;
    state.release = undefined;
    state.standbys = [];
    if (state.claim !== undefined && state.claim.epoch <= owner.epoch) state.claim = undefined;
    this.#core.emit({ kind: 'owner', tag: state.tag, owner });
    if (state.owning !== undefined && state.owning.epoch < owner.epoch)
      this.#lose(state, state.owning, owner);
    this.reviewOrphan(state);
  }

  /** What this process owns it knows best itself. */
  #isNews(state: TagState, owner: Owner): boolean {
    const own = owner.pod === this.#core.pod && owner.boot === this.#core.boot;
    if (own && state.owning?.epoch !== owner.epoch) return false;
    return owner.epoch > (state.known?.epoch ?? 0) && owner.epoch <= MAX_EPOCH;
  }

  /** A majority granted this pod's claim: it owns the tag, fetches what it lacks and then acts. */
  elected(state: TagState, attempt: Attempt): void {
    const { store } = state;
    if (!store.inTouch(this.#core.nowMs)) store.doubtAll();
    const former = state.owning;
    const sequence = Math.max(former?.log.sequence ?? 0, state.copy.sequence);
    state.owning = {
      epoch: attempt.epoch,
      reason: attempt.reason,
      previous: state.known,
      inSync: attempt.inSync || former !== undefined,
      why: attempt.why,
      phase: 'gathering',
      electedAtMs: this.#core.nowMs,
      gather: new Set(
        [...this.#core.peers.values()].filter((peer) => peer.role === 'proxy').map((peer) => peer.pod),
      ),
      lease: new Lease(),
      leaseReported: false,
      renewAtMs: Infinity,
      pausedAtMs: Infinity,
      log: new ChangeLog(sequence, LOG_LIMIT),
      resumeFrom: 0,
      flushed: sequence,
      prompt: false,
      dirtySinceMs: this.#core.nowMs,
      standbys: former?.standbys ?? [],
      streams: new Map(),
      repairs: new Map(),
      acknowledged: former?.acknowledged ?? 0,
      inSyncReported: 0,
      heartbeatAtMs: -Infinity,
    };
    if (former !== undefined && former.inSyncReported > 0)
      this.#core.emit({ kind: 'standbys', tag: state.tag, inSync: 0 });
    const owner = { epoch: attempt.epoch, pod: this.#core.pod, boot: this.#core.boot };
    this.#core.note('claim-elected', { tag: state.tag }, `epoch ${String(owner.epoch)}: ${attempt.why}`);
    this.learn(state, owner);
    this.#core.frames(this.#core.reachable(), { kind: 'table', owners: [{ tag: state.tag, owner }] });
    this.probeNow = true;
    this.#probedAtMs = this.#core.nowMs;
    this.#core.wakeAt(this.#core.nowMs);
  }

  tick(state: TagState): void {
    this.reviewOrphan(state);
    state.store.expire(this.#core.nowMs);
    const { owning } = state;
    if (owning === undefined) return;
    const held = this.#advance(state, owning);
    if (held) state.store.touchedAtMs = this.#core.nowMs;
    if (owning.phase !== 'gathering' && held !== owning.leaseReported) {
      owning.leaseReported = held;
      this.#core.emit({ kind: 'lease', tag: state.tag, epoch: owning.epoch, held });
    }
    if (owning.renewAtMs > this.#core.nowMs) this.#core.wakeAt(owning.renewAtMs);
  }

  /** Gathers until everything is there and the lease is held, then acts; returns whether the lease is held. */
  #advance(state: TagState, owning: Owning): boolean {
    const gathered = owning.phase !== 'gathering' || this.#gathered(state, owning);
    const until = this.leaseUntil(state, owning);
    const held = until > this.#core.nowMs;
    if (held && until < Infinity) this.#core.wakeAt(until);
    if (owning.phase !== 'gathering') return held;
    if (!held) this.#probeAgain();
    else if (gathered) this.#activate(state, owning);
    return held;
  }

  /** OWNERSHIP 4, asked before each act. */
  mayAct(state: TagState): boolean {
    const { owning } = state;
    return owning?.phase === 'active' && this.leaseUntil(state, owning) > this.#core.nowMs;
  }

  /** Until when a majority of the roster, this pod included if it has a vote, has renewed the lease. */
  leaseUntil(state: TagState, owning: Owning): number {
    const { roster, voter } = this.#parts;
    const own = roster.selfVotes && (voter.granted(state.tag)?.epoch ?? 0) <= owning.epoch ? 1 : 0;
    return owning.lease.until(roster.voters(), roster.majority - own, this.#core.settings.isolationAfterMs);
  }

  /**
   * As a voter: whether the prober's lease is renewed. A higher grant forbids it, whoever it was given to, and so does an owner's
   * deafness: then the answer names the owner itself.
   */
  leaseAnswer(peer: Peer, boot: string, asked: OwnedTag): LeaseAnswer {
    const { tag, epoch, lapsed } = asked;
    const state = this.#core.tag(tag);
    const granted = this.#parts.voter.granted(tag)?.epoch ?? 0;
    const owner = { epoch, pod: peer.pod, boot };
    if (state !== undefined) this.learn(state, owner);
    if (state === undefined || !sameOwner(state.known, owner))
      return { tag, epoch, renewed: false, granted, owner: state?.known };
    this.#hearProbe(state, lapsed);
    const renewed = granted <= epoch && !this.#parts.evidence.withholds(state);
    return { tag, epoch, renewed, granted, owner: renewed ? undefined : state.known };
  }

  /** The owner asked for its lease; `lapsed`: it has none. */
  #hearProbe(state: TagState, lapsed: boolean): void {
    state.askedAtMs = this.#core.nowMs;
    if (!lapsed) state.lapsedSinceAwakeMs = Infinity;
    else if (state.lapsedSinceAwakeMs === Infinity) state.lapsedSinceAwakeMs = this.#core.awakeMs;
  }

  /** As the owner: a voter's answer to the probe sent at `sentAtMs`. `counts`: it is a voter under the own roster number. */
  leaseAnswered(peer: Peer, sentAtMs: number, counts: boolean, answers: readonly LeaseAnswer[]): void {
    for (const answer of answers) {
      const state = this.#core.tags.get(answer.tag);
      if (state === undefined) continue;
      this.learn(state, answer.owner);
      const { owning } = state;
      if (owning?.epoch !== answer.epoch) continue;
      if (answer.renewed && counts) owning.lease.renew(peer.pod, sentAtMs);
      if (counts && isWithheld(answer)) this.#claimAnew(owning);
      if (answer.granted > owning.epoch) this.outbid(state, answer.granted);
    }
  }

  /** A voter granted something above this owner's epoch, so that it renews the lease no more: claim anew, a little later. */
  outbid(state: TagState, granted: number): void {
    state.highestNamed = Math.max(state.highestNamed, granted);
    const { owning } = state;
    if (owning !== undefined && granted > owning.epoch) this.#claimAnew(owning);
  }

  #claimAnew(owning: Owning): void {
    if (owning.renewAtMs < Infinity) return;
    owning.renewAtMs = this.#core.nowMs + RENEW_MS * (1 + 2 * this.#core.random());
    this.#core.wakeAt(owning.renewAtMs);
  }

  /** Notes since when no living owner is known. */
  reviewOrphan(state: TagState): void {
    const orphan = state.known === undefined || this.#parts.evidence.ownerDeath(state) !== undefined;
    if (!orphan) state.orphanSinceMs = Infinity;
    else if (state.orphanSinceMs === Infinity) state.orphanSinceMs = this.#core.nowMs;
  }

  /** Gives up a tag that nobody wants and that has no records, and forgets one that nobody owns. */
  drop(state: TagState): boolean {
    if (!this.#isIdle(state)) return false;
    this.tableDigest ^= digestOf(state.tag, state.known);
    this.#core.dropTag(state.tag);
    this.#core.emit({ kind: 'dropped', tag: state.tag });
    return true;
  }

  #isIdle(state: TagState): boolean {
    if (!state.withdrawn || state.store.size > 0) return false;
    if (state.owning !== undefined) return this.mayAct(state) && isCopied(state.owning);
    return state.orphanSinceMs < Infinity || this.#core.nowMs - state.askedAtMs >= DROP_AFTER_MS;
  }

  rosterChanged(): void {
    for (const { owning } of this.#core.tags.values()) owning?.lease.clear();
    this.probeNow = true;
  }

  /** A new owner without its first lease does not wait for the next round of probes. */
  #probeAgain(): void {
    const dueMs = this.#probedAtMs + FIRST_LEASE_PROBE_MS;
    if (this.#core.nowMs < dueMs) {
      this.#core.wakeAt(dueMs);
      return;
    }
    this.#probedAtMs = this.#core.nowMs;
    this.probeNow = true;
  }

  /** Fetches from every pod that is not dead; returns whether there is none left to wait for. */
  #gathered(state: TagState, owning: Owning): boolean {
    let waiting = false;
    for (const pod of owning.gather) {
      const peer = this.#core.peers.get(pod);
      if (peer === undefined || this.#parts.evidence.peerDeath(peer) !== undefined) continue;
      if (peer.link?.greeted === true && !owning.repairs.has(pod))
        this.#parts.repairs.start(state, peer, 'gather');
      const muteAtMs = Math.max(owning.electedAtMs, peer.reportedAtMs) + MUTE_MS;
      if (this.#core.nowMs < muteAtMs) {
        waiting = true;
        this.#core.wakeAt(muteAtMs);
      }
    }
    return !waiting;
  }

  #activate(state: TagState, owning: Owning): void {
    owning.phase = 'active';
    owning.leaseReported = true;
    for (const pod of owning.gather)
      if (this.#parts.evidence.alive(pod))
        this.#core.note(
          'holder-mute',
          { tag: state.tag, pod },
          `${pod} is heard, but did not give its copies`,
        );
    owning.repairs.clear();
    const records: RecordCopy[] = [];
    for (const key of state.store.keys()) {
      const version = state.store.version(key);
      const bytes = state.store.bytes(key);
      if (version !== undefined && bytes !== undefined)
        records.push({ ...version, bytes, doubtful: state.store.doubtful(key) });
    }
    for (const peer of this.#core.linked()) if (peer.role === 'proxy') peer.holds.add(state.tag);
    const { epoch, reason, previous, inSync, why } = owning;
    this.#core.emit({ kind: 'takenOver', tag: state.tag, epoch, reason, previous, inSync, records, why });
    this.#core.wakeAt(this.#core.nowMs);
  }

  #lose(state: TagState, owning: Owning, owner: Owner): void {
    state.owning = undefined;
    state.copy = { epoch: 0, sequence: owning.log.sequence, synced: false };
    state.store.adopt((key) => this.#core.settings.source.read(state.tag, key));
    this.#core.emit({ kind: 'lost', tag: state.tag, epoch: owning.epoch, owner });
    const peer = this.#core.peers.get(owner.pod);
    if (peer !== undefined) this.#core.frame(peer, hello(this.#core, this.#parts.voter));
  }
}

/** Every standby has everything, the last end too. */
function isCopied({ standbys, streams, log }: Owning): boolean {
  return standbys.every((pod) => {
    const stream = streams.get(pod);
    return stream?.state === 'synced' && stream.acknowledged >= log.sequence;
  });
}

/** The voter knows of nothing newer: it took this owner for deaf. */
function isWithheld({ renewed, granted, epoch, owner }: LeaseAnswer): boolean {
  return !renewed && granted <= epoch && owner?.epoch === epoch;
}

function digestOf(tag: string, owner: Owner | undefined): number {
  return owner === undefined
    ? 0
    : hashText(`${tag}\n${String(owner.epoch)}\n${owner.pod}\n${owner.boot}`) >>> 1;
}
