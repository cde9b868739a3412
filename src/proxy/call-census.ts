import type { Call } from './calls/call.ts';
import type { CallContext } from './calls/context.ts';
import { isHere } from './admin-dialogs.ts';

/** The calls of a pod, counted. */
export interface Census {
  /** Of tags that this pod owns. */
  dialogs: { early: number; confirmed: number };
  /** Dialogs by tag, for those; 0 for a tag without any, so that one that came after the count can be told from it. */
  byTag: Readonly<Record<string, number>>;
  /** Legs of those dialogs whose endpoint is known to send here, and those whose is not. */
  legs: { home: number; away: number };
  /** Dialogs of tags that another pod owns, by state. */
  relayed: { early: number; confirmed: number };
  /** Calls that are not answered yet, whoever owns the tag. */
  ringing: number;
  /** Ids of the keys that made the tokens of all these. */
  tokensInUse: string[];
}

/** What a census reads. */
export type CountedCalls = Pick<CallContext, 'pod' | 'calls' | 'mesh' | 'monotonicMs' | 'tokenKeys'>;

/** Counts the calls of a pod, all of them at once; what was counted lately need not be counted again. */
export class CallCensus {
  readonly #context: CountedCalls;
  #last: Census | undefined;
  #countedMs = -Infinity;

  constructor(context: CountedCalls) {
    this.#context = context;
  }

  /** The counts, at most `maxAgeMs` old. */
  take(maxAgeMs: number): Census {
    const nowMs = this.#context.monotonicMs();
    if (this.#last && nowMs - this.#countedMs < maxAgeMs) return this.#last;
    this.#countedMs = nowMs;
    this.#last = this.#count();
    return this.#last;
  }

  #count(): Census {
    const { calls, mesh, pod, tokenKeys } = this.#context;
    const byTag: Record<string, number> = Object.fromEntries(mesh.ownedTags().map((tag) => [tag, 0]));
    const census: Census = {
      dialogs: { early: 0, confirmed: 0 },
      byTag,
      legs: { home: 0, away: 0 },
      relayed: { early: 0, confirmed: 0 },
      ringing: 0,
      tokensInUse: tokenKeys.inUse(calls.values()),
    };
    for (const call of calls.values()) {
      if (call.setup) census.ringing++;
      if (mesh.ownerOf(call.record.tag)?.pod === pod) countOwned(census, byTag, call, pod);
      else if (call.record.state !== 'ended') census.relayed[call.record.state]++;
    }
    return census;
  }
}

function countOwned(census: Census, byTag: Record<string, number>, { record }: Call, pod: string): void {
  if (record.state === 'ended') return;
  census.dialogs[record.state]++;
  byTag[record.tag] = (byTag[record.tag] ?? 0) + 1;
  for (const leg of [0, 1] as const) census.legs[isHere(record, leg, pod) ? 'home' : 'away']++;
}
