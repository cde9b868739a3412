import type { MeshCore } from './core.ts';
import type { TagState } from './tag-state.ts';
import type { Evidence } from './evidence.ts';
import type { ClaimReason } from './owner.ts';
import { placeTags, ringOrder } from './placement.ts';

/** A reason to claim a tag, and when. */
export interface Candidate {
  reason: ClaimReason;
  /** The lower one goes first. */
  rank: number;
  dueAtMs: number;
  inSync: boolean;
  why: string;
}

/** OWNERSHIP 1: a standby whose owner was not heard for longer is not in sync. */
export const HEARTBEAT_VALID_MS = 3000;
/** OWNERSHIP 3. */
const RANK_STEP_MS = 20;
const ANY_HOLDER_MS = 2000;
/** How long nobody must have owned a tag before it is vacant. */
export const VACANT_MS = 2000;
/** Ranks of those that are not standbys in sync begin here. */
const HOLDER_RANK = 100;
const OTHER_RANK = 200;

/** Whether this pod's copy of the tag was in sync at that time (OWNERSHIP 1). */
export function inSyncAt(core: MeshCore, state: TagState, atMs: number): boolean {
  const { copy, known, standbys, heartbeatAtMs, heartbeatSequence } = state;
  return (
    copy.synced &&
    copy.epoch === known?.epoch &&
    copy.sequence >= heartbeatSequence &&
    standbys.includes(core.pod) &&
    atMs - heartbeatAtMs < HEARTBEAT_VALID_MS
  );
}

/** Why and when this pod should claim tags. */
export class Candidates {
  readonly #core: MeshCore;
  readonly #evidence: Evidence;
  readonly #placed = new Map<string, string>();
  #placedFor = '';

  constructor(core: MeshCore, evidence: Evidence) {
    this.#core = core;
    this.#evidence = evidence;
  }

  /** This pod's reason to claim, if it has one (OWNERSHIP 3). */
  of(state: TagState): Candidate | undefined {
    const { owning } = state;
    if (this.#core.role === 'witness') return undefined;
    if (owning !== undefined) return this.#renewal(state, owning.renewAtMs);
    if (state.orphanSinceMs === Infinity) return this.#permission(state);
    const death = this.#evidence.ownerDeath(state);
    if (state.withdrawn && state.store.size === 0) return undefined;
    return death === undefined ? this.#vacancy(state, 'no owner is known') : this.#succession(state, death);
  }

  #renewal(state: TagState, dueAtMs: number): Candidate | undefined {
    if (dueAtMs === Infinity) return undefined;
    const why = `a voter granted epoch ${String(state.highestNamed)}, or the handover expired`;
    return { reason: 'renew', rank: 0, dueAtMs, inSync: true, why };
  }

  #permission(state: TagState): Candidate | undefined {
    const { release, known, copy } = state;
    if (release?.to !== this.#core.pod || release.epoch !== known?.epoch) return undefined;
    // OWNERSHIP 5: only at the position that the owner named.
    if (!copy.synced || copy.epoch !== release.epoch || copy.sequence < release.sequence) return undefined;
    const why = `${known.pod} released the tag`;
    return { reason: 'handover', rank: 0, dueAtMs: this.#core.nowMs, inSync: true, why };
  }

  #succession(state: TagState, why: string): Candidate {
    const { orphanSinceMs, standbys, store } = state;
    const place = standbys.indexOf(this.#core.pod);
    const since = orphanSinceMs + this.#core.settings.failoverDelayMs;
    if (inSyncAt(this.#core, state, orphanSinceMs))
      return { reason: 'dead', rank: place, dueAtMs: since + place * RANK_STEP_MS, inSync: true, why };
    if (store.size === 0 && place < 0) return this.#vacancy(state, why);
    const order = place < 0 ? this.#ringPlace(state.tag) : place;
    const dueAtMs = since + ANY_HOLDER_MS + order * RANK_STEP_MS;
    return { reason: 'dead', rank: HOLDER_RANK + order, dueAtMs, inSync: false, why };
  }

  /** First placement, and a tag of which no copy is left: the pod that is named claims first, the others 2 s later. */
  #vacancy(state: TagState, why: string): Candidate {
    const named = this.#place(state.tag) === this.#core.pod;
    const order = this.#ringPlace(state.tag);
    // Nobody grants before it is settled: the pod that is named keeps its lead over the others after that, too.
    const settledMs = this.#core.startedAtMs + this.#core.settings.suspectAfterMs;
    const since = Math.max(state.orphanSinceMs + VACANT_MS, settledMs);
    const rank = named ? OTHER_RANK : OTHER_RANK + 1 + order;
    const dueAtMs = named ? since : since + VACANT_MS + order * RANK_STEP_MS;
    return { reason: 'vacant', rank, dueAtMs, inSync: false, why };
  }

  #ringPlace(tag: string): number {
    return ringOrder(tag, this.#proxies()).indexOf(this.#core.pod);
  }

  #place(tag: string): string | undefined {
    const proxies = this.#proxies();
    const key = [String(this.#core.wishes), ...proxies].join('\n');
    if (key !== this.#placedFor) {
      this.#placedFor = key;
      this.#placed.clear();
      const wanted = [...this.#core.tags.values()].filter(({ placement }) => placement !== undefined);
      for (const [name, pod] of placeTags(wanted, proxies)) this.#placed.set(name, pod);
    }
    return this.#placed.get(tag);
  }

  #proxies(): string[] {
    const peers = [...this.#core.peers.values()]
      .filter((peer) => peer.role === 'proxy')
      .map((peer) => peer.pod);
    return [...peers, this.#core.pod].sort();
  }
}
