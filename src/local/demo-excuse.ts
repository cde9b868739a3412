import type { Excuse } from './talk-ledger.ts';
import type { TalkCall, TalkEnd } from './talk.ts';

/** What was sent so long before a kill may have been under way in the pod. */
const UNDER_WAY_MS = 1000;
/** A phone that has the re-INVITE may be about to send to the old address still. */
const TURNS_WITHIN_MS = 200;

/** Kills of pods, for what their phones sent to them before they knew better: nobody could have answered that. */
export class DeadPods {
  readonly #kills: { atMs: number; calls: ReadonlySet<TalkCall> }[] = [];

  /** A pod was killed that carried these calls. */
  note(atMs: number, calls: readonly TalkCall[]): void {
    this.#kills.push({ atMs, calls: new Set(calls) });
  }

  /** Excuses what an end sent from shortly before the kill until the first re-INVITE after it. */
  get excuse(): Excuse {
    return (call, end, atMs) =>
      this.#kills.some(
        (kill) =>
          kill.calls.has(call) && atMs >= kill.atMs - UNDER_WAY_MS && atMs <= knewBy(call, end, kill.atMs),
      );
  }
}

/** When an end had been told of a new pod after a time. */
function knewBy(call: TalkCall, end: TalkEnd, sinceMs: number): number {
  const told = call[end].ledger.reinvites().find((entry) => entry.atMs >= sinceMs);
  return told === undefined ? Number.POSITIVE_INFINITY : told.atMs + TURNS_WITHIN_MS;
}
