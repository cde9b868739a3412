import type { Call } from './call.ts';

/** How long an old owner goes on relaying after a tag is gone, in ms (promise 3). */
export const RELAY_AFTER_MS = 32_000;

interface Piped {
  calls: Set<Call>;
  untilMs: number;
}

/** Calls of tags that another pod owns by now: their records go with what their endpoints still send here. */
export class Pipes {
  private readonly byTag = new Map<string, Piped>();

  /** Keeps these, and those of the tag before them, for 32 s more. */
  add(tag: string, calls: Iterable<Call>, nowMs: number): void {
    const known = this.byTag.get(tag)?.calls ?? [];
    this.byTag.set(tag, { calls: new Set([...known, ...calls]), untilMs: nowMs + RELAY_AFTER_MS });
  }

  /** Calls of a tag that go on here until an exchange is over. */
  finishing(tag: string): Call[] {
    return [...(this.byTag.get(tag)?.calls ?? [])].filter((call) => call.finishingUntilMs !== undefined);
  }

  /** Takes out those of a tag that this pod owns again. */
  take(tag: string): ReadonlySet<Call> {
    const piped = this.byTag.get(tag);
    this.byTag.delete(tag);
    return piped?.calls ?? new Set();
  }

  /** Takes out those whose time is over. */
  takeExpired(nowMs: number): Call[] {
    const expired = [...this.byTag].filter(([, { untilMs }]) => untilMs <= nowMs);
    return expired.flatMap(([tag]) => [...this.take(tag)]);
  }
}
