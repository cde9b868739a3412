import { VACANT_MS, type Candidates } from './candidate.ts';
import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { TagState } from './tag-state.ts';
import type { Evidence } from './evidence.ts';
import {
  MAX_EPOCH,
  type Claim,
  type TagClaim,
  type TagVerdict,
  type Verdict,
  type VerdictCode,
} from './message.ts';
import type { ClaimReason, Owner } from './owner.ts';
import type { Ownership } from './ownership.ts';
import type { Roster } from './roster.ts';
import type { Voter } from './voter.ts';

/** How long a better candidate that does not get through holds back a worse one. */
const YIELD_MS = 1000;
/** An election that may just have been won is not followed by the next one at once. */
const ELECTION_MS = 200;

export interface BallotParts {
  core: MeshCore;
  evidence: Evidence;
  roster: Roster;
  voter: Voter;
  ownership: Ownership;
  candidates: Candidates;
}

/** The voter's side of claims (OWNERSHIP 3). */
export class Ballot {
  readonly #core: MeshCore;
  readonly #parts: BallotParts;

  constructor(parts: BallotParts) {
    this.#core = parts.core;
    this.#parts = parts;
  }

  /** Answers a packet of claims; yes only when it is on disk. */
  claim(peer: Peer, message: Claim): void {
    if (message.boot !== peer.boot) return;
    this.#core.heard(peer, message.boot);
    const { roster, voter } = this.#parts;
    peer.roster = message.roster;
    peer.rosterDigest = message.rosterDigest;
    const tags: TagVerdict[] = [];
    for (const claim of message.tags) {
      const state = this.#core.tag(claim.tag);
      if (state !== undefined) tags.push(this.#answer(state, claim, peer, message));
    }
    const verdict: Verdict = {
      kind: 'verdict',
      boot: this.#core.boot,
      voterId: voter.voterId,
      claimantBoot: message.boot,
      roster: roster.number,
      tags,
    };
    const backed = tags.some((tag) => tag.answer === 'yes' && !tag.preVote);
    if (!backed) this.#core.datagram(peer, verdict);
    else
      voter.whenSaved(() => {
        this.#core.datagram(peer, verdict);
      });
  }

  /** What this voter says to a claim by `claimant`, another pod or its own. */
  judge(state: TagState, claim: TagClaim, claimant: { pod: string; boot: string }): VerdictCode {
    const { voter } = this.#parts;
    const unable = this.#unable();
    if (unable !== undefined) return unable;
    if (claim.epoch <= voter.floor(state.tag) || claim.epoch > MAX_EPOCH) return 'floor';
    const granted = voter.granted(state.tag);
    if (granted !== undefined && claim.epoch <= granted.epoch)
      return claim.epoch === granted.epoch && same(granted, claimant) ? 'yes' : 'granted';
    if (claim.epoch <= (state.known?.epoch ?? 0)) return 'owner-known';
    return this.#holds(state, claim, claimant) ? 'yes' : 'reason';
  }

  /** Why this voter grants nothing at all now. */
  #unable(): VerdictCode | undefined {
    const { roster } = this.#parts;
    if (roster.conflict) return 'roster';
    if (!roster.selfVotes) return 'not-a-voter';
    return this.#core.settled ? undefined : 'just-started';
  }

  #answer(state: TagState, claim: TagClaim, peer: Peer, message: Claim): TagVerdict {
    const { roster, voter, ownership } = this.#parts;
    ownership.learn(state, claim.owner);
    ownership.reviewOrphan(state);
    const claimant = { pod: peer.pod, boot: message.boot };
    let answer: VerdictCode =
      message.roster === roster.number ? this.judge(state, claim, claimant) : 'roster';
    const rival =
      claim.preVote && (this.#better(state, claim, peer.pod) || this.#pending(state, claim, claimant));
    if (answer === 'yes' && rival) answer = 'yield';
    if (answer === 'yes' && !claim.preVote) {
      voter.grant(state, { epoch: claim.epoch, ...claimant });
      state.grantedAtMs = this.#core.nowMs;
    }
    const { tag, epoch, preVote, attempt } = claim;
    return { tag, epoch, preVote, attempt, answer, granted: voter.granted(tag), owner: state.known };
  }

  #holds(state: TagState, claim: TagClaim, claimant: { pod: string; boot: string }): boolean {
    const { known } = state;
    switch (claim.reason) {
      case 'dead':
        return this.#parts.evidence.ownerDeath(state) !== undefined;
      case 'handover':
        return (
          known !== undefined && state.release?.epoch === known.epoch && state.release.to === claimant.pod
        );
      case 'renew':
        return known !== undefined && same(known, claimant);
      case 'vacant':
        return this.#core.nowMs - state.orphanSinceMs >= VACANT_MS;
    }
  }

  /** Whether this pod is itself a candidate, due and of better rank. Only heirs of a dead owner stand in a queue. */
  #better(state: TagState, claim: TagClaim, claimant: string): boolean {
    if (!inherits(claim.reason) || !this.#core.settled) return false;
    const own = this.#parts.candidates.of(state);
    if (own === undefined || !inherits(own.reason)) return false;
    const since = this.#core.nowMs - own.dueAtMs;
    if (since < 0 || since > YIELD_MS) return false;
    return own.rank < claim.rank || (own.rank === claim.rank && this.#core.pod < claimant);
  }

  /** Whether this voter has just granted another heir's claim. */
  #pending(state: TagState, claim: TagClaim, claimant: { pod: string; boot: string }): boolean {
    const granted = this.#parts.voter.granted(state.tag);
    if (!inherits(claim.reason) || granted === undefined || same(granted, claimant)) return false;
    return this.#core.nowMs - state.grantedAtMs < ELECTION_MS && granted.epoch > (state.known?.epoch ?? 0);
  }
}

function inherits(reason: ClaimReason): boolean {
  return reason === 'dead' || reason === 'vacant';
}

function same(owner: Owner, claimant: { pod: string; boot: string }): boolean {
  return owner.pod === claimant.pod && owner.boot === claimant.boot;
}
