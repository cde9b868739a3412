import type { Ballot } from './ballot.ts';
import type { Candidate, Candidates } from './candidate.ts';
import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Attempt, TagState } from './tag-state.ts';
import type { Claim, TagClaim, TagVerdict, Verdict } from './message.ts';
import type { Ownership } from './ownership.ts';
import type { Roster } from './roster.ts';
import type { Voter } from './voter.ts';

/** OWNERSHIP 3: an attempt lasts a random 1-2 x (50 ms + 3 RTT). */
const ATTEMPT_BASE_MS = 50;
const ATTEMPT_RTTS = 3;
/** Unanswered packets repeat after RTT + 20 ms; a voter that lacks the evidence is asked again as soon. */
const REPEAT_MS = 20;
/** A voter that cannot say yes for longer is asked again after this. */
const SLOW_REPEAT_MS = 200;
/** A claimant that yields tries again after this. */
const YIELD_BACK_OFF_MS = 100;
const RETRY_SPREAD_MS = 50;
/** Tags in one packet, so that its answer fits a datagram. */
const TAGS_PER_PACKET = 8;

export interface ClaimsParts {
  core: MeshCore;
  roster: Roster;
  voter: Voter;
  ownership: Ownership;
  ballot: Ballot;
  candidates: Candidates;
}

/** The claimant's side (OWNERSHIP 3): a pre-vote, a vote, and the next attempt above what was named. */
export class Claims {
  readonly #core: MeshCore;
  readonly #parts: ClaimsParts;
  #attempts = 0;
  /** Tags with an attempt under way. */
  readonly #open = new Set<TagState>();

  constructor(parts: ClaimsParts) {
    this.#core = parts.core;
    this.#parts = parts;
  }

  tick(state: TagState): void {
    const { claim } = state;
    if (claim !== undefined && this.#over(claim)) this.#end(state, claim);
    if (claim !== undefined || !this.#core.settled) return;
    const candidate = this.#parts.candidates.of(state);
    if (candidate === undefined) return;
    const atMs = Math.max(candidate.dueAtMs, state.claimAfterMs);
    if (atMs <= this.#core.nowMs) this.#begin(state, candidate);
    else this.#core.wakeAt(atMs);
  }

  /** Sends what is due of all attempts, several tags in one packet. */
  flush(): void {
    const due = new Map<string, TagClaim[]>();
    for (const state of this.#open) {
      if (state.claim === undefined) {
        this.#open.delete(state);
        continue;
      }
      for (const pod of this.#duePods(state.claim)) {
        const list = due.get(pod) ?? [];
        list.push(claimOf(state, state.claim));
        due.set(pod, list);
      }
    }
    for (const [pod, tags] of due) {
      const peer = this.#core.peers.get(pod);
      while (peer !== undefined && tags.length > 0)
        this.#core.datagram(peer, this.#packet(tags.splice(0, TAGS_PER_PACKET)));
    }
  }

  verdict(peer: Peer, message: Verdict): void {
    const { roster, ownership } = this.#parts;
    if (message.claimantBoot !== this.#core.boot || message.boot !== peer.boot) return;
    this.#core.heard(peer, message.boot);
    const counts = message.roster === roster.number && roster.isVoter(peer.pod, message.voterId);
    for (const answer of message.tags) {
      const state = this.#core.tags.get(answer.tag);
      if (state === undefined) continue;
      ownership.learn(state, answer.owner);
      this.#name(state, answer);
      const { claim } = state;
      if (
        claim?.number !== answer.attempt ||
        claim.epoch !== answer.epoch ||
        claim.preVote !== answer.preVote
      )
        continue;
      if (this.#over(claim)) this.#end(state, claim);
      else this.#answered(state, claim, { peer, counts, answer });
    }
  }

  /** Another pod asks for a tag that this one is claiming: the better rank goes first. */
  rival(peer: Peer, message: Claim): void {
    for (const theirs of message.tags) {
      const state = this.#core.tags.get(theirs.tag);
      if (state?.claim?.preVote !== true || !theirs.preVote || theirs.epoch < state.claim.epoch) continue;
      const better =
        theirs.rank < state.claim.rank || (theirs.rank === state.claim.rank && peer.pod < this.#core.pod);
      if (better) this.#yield(state);
    }
  }

  #begin(state: TagState, candidate: Candidate): void {
    const { reason, rank, why, inSync } = candidate;
    state.claim = {
      number: ++this.#attempts,
      epoch: this.#epoch(state),
      reason,
      rank,
      why,
      preVote: true,
      inSync,
      roster: this.#parts.roster.number,
      endsAtMs: this.#endOfAttempt(),
      yes: new Set(),
      askAtMs: new Map(),
      refusals: new Map(),
    };
    this.#open.add(state);
    this.#askAll(state.claim);
    if (this.#ownAnswer(state, state.claim) === 'yes') state.claim.yes.add(this.#core.pod);
    this.#count(state, state.claim);
  }

  /** Above everything that anybody named; an epoch that was granted to this very claim may be asked for again. */
  #epoch(state: TagState): number {
    const { voter } = this.#parts;
    const known = state.known?.epoch ?? 0;
    const granted = voter.granted(state.tag);
    const top = Math.max(known, state.highestNamed, voter.floor(state.tag));
    const own = granted?.pod === this.#core.pod && granted.boot === this.#core.boot;
    if (granted === undefined || granted.epoch < top) return top + 1;
    return own && granted.epoch > top ? granted.epoch : granted.epoch + 1;
  }

  #vote(state: TagState, claim: Attempt): void {
    claim.preVote = false;
    claim.number = ++this.#attempts;
    claim.endsAtMs = this.#endOfAttempt();
    claim.yes.clear();
    claim.refusals.clear();
    this.#askAll(claim);
    if (this.#ownAnswer(state, claim) !== 'yes') return;
    const { voter } = this.#parts;
    voter.grant(state, { epoch: claim.epoch, pod: this.#core.pod, boot: this.#core.boot });
    const { number } = claim;
    voter.whenSaved(() => {
      if (state.claim !== claim || claim.number !== number || this.#over(claim)) return;
      claim.yes.add(this.#core.pod);
      this.#count(state, claim);
    });
  }

  #count(state: TagState, claim: Attempt): void {
    if (claim.yes.size < this.#parts.roster.majority) return;
    if (claim.preVote) {
      this.#vote(state, claim);
      return;
    }
    state.claim = undefined;
    this.#parts.ownership.elected(state, claim);
  }

  #answered(
    state: TagState,
    claim: Attempt,
    from: { peer: Peer; counts: boolean; answer: TagVerdict },
  ): void {
    const { peer, counts, answer } = from;
    if (answer.answer === 'yes') {
      claim.askAtMs.delete(peer.pod);
      if (counts) claim.yes.add(peer.pod);
      this.#count(state, claim);
      return;
    }
    claim.refusals.set(peer.pod, answer.answer);
    const askAgain = (afterMs: number): void => {
      claim.askAtMs.set(peer.pod, this.#core.nowMs + afterMs);
      this.#core.wakeAt(this.#core.nowMs + afterMs);
    };
    switch (answer.answer) {
      case 'yield':
        this.#yield(state);
        break;
      case 'reason':
      case 'just-started':
        askAgain(REPEAT_MS);
        break;
      case 'roster':
      case 'not-a-voter':
        askAgain(SLOW_REPEAT_MS);
        break;
      case 'floor':
      case 'granted':
      case 'owner-known':
        claim.askAtMs.delete(peer.pod);
        if (claim.preVote) this.#raise(state, claim);
        break;
    }
  }

  /** The epoch is taken: in a pre-vote the next one is asked for at once. */
  #raise(state: TagState, claim: Attempt): void {
    const epoch = this.#epoch(state);
    if (epoch <= claim.epoch) return;
    claim.epoch = epoch;
    claim.number = ++this.#attempts;
    claim.yes.clear();
    this.#askAll(claim);
    if (this.#ownAnswer(state, claim) === 'yes') claim.yes.add(this.#core.pod);
  }

  #yield(state: TagState): void {
    state.claim = undefined;
    state.claimAfterMs = this.#core.nowMs + YIELD_BACK_OFF_MS + RETRY_SPREAD_MS * this.#core.random();
    this.#core.wakeAt(state.claimAfterMs);
  }

  #over(claim: Attempt): boolean {
    return this.#core.nowMs >= claim.endsAtMs || claim.roster !== this.#parts.roster.number;
  }

  #end(state: TagState, claim: Attempt): void {
    state.claim = undefined;
    state.claimAfterMs = this.#core.nowMs + RETRY_SPREAD_MS * this.#core.random();
    this.#core.wakeAt(state.claimAfterMs);
    const said = [...claim.refusals].map(([pod, code]) => `${pod}: ${code}`).sort();
    const text = `epoch ${String(claim.epoch)} not granted by a majority${said.length > 0 ? ` (${said.join(', ')})` : ''}`;
    if (text === state.refusedBecause) return;
    state.refusedBecause = text;
    this.#core.note('claim-refused', { tag: state.tag }, text);
  }

  #name(state: TagState, answer: TagVerdict): void {
    const { granted } = answer;
    if (granted === undefined || (granted.pod === this.#core.pod && granted.boot === this.#core.boot)) return;
    state.highestNamed = Math.max(state.highestNamed, granted.epoch);
  }

  #ownAnswer(state: TagState, claim: Attempt): string {
    return this.#parts.ballot.judge(state, claimOf(state, claim), {
      pod: this.#core.pod,
      boot: this.#core.boot,
    });
  }

  #askAll(claim: Attempt): void {
    claim.askAtMs.clear();
    for (const { pod } of this.#parts.roster.members)
      if (pod !== this.#core.pod) claim.askAtMs.set(pod, this.#core.nowMs);
    this.#core.wakeAt(claim.endsAtMs);
  }

  #duePods(claim: Attempt): string[] {
    const due: string[] = [];
    for (const [pod, atMs] of claim.askAtMs) {
      if (atMs <= this.#core.nowMs) {
        due.push(pod);
        const rttMs = this.#core.peers.get(pod)?.rttMs ?? 0;
        claim.askAtMs.set(pod, this.#core.nowMs + rttMs + REPEAT_MS);
      }
      this.#core.wakeAt(claim.askAtMs.get(pod) ?? Infinity);
    }
    return due;
  }

  #packet(tags: TagClaim[]): Claim {
    const { roster, voter } = this.#parts;
    return {
      kind: 'claim',
      boot: this.#core.boot,
      voterId: voter.voterId,
      roster: roster.number,
      rosterDigest: roster.digest,
      tags,
    };
  }

  /** The slowest peer that is alive sets the length, so that no answer comes too late by itself. */
  #endOfAttempt(): number {
    let rttMs = 0;
    for (const peer of this.#core.peers.values()) if (peer.reportedAlive) rttMs = Math.max(rttMs, peer.rttMs);
    return this.#core.nowMs + (1 + this.#core.random()) * (ATTEMPT_BASE_MS + ATTEMPT_RTTS * rttMs);
  }
}

function claimOf(state: TagState, claim: Attempt): TagClaim {
  const { epoch, reason, preVote, rank, number } = claim;
  return { tag: state.tag, epoch, reason, preVote, rank, attempt: number, owner: state.known };
}
