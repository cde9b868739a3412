import type { Call } from './call.ts';

interface Piped {
  calls: readonly Call[];
  untilMs: number;
}

/** Calls of tags that another pod owns by now: their records go with what their endpoints still send here. */
export class Pipes {
  private readonly byTag = new Map<string, Piped>();

  add(tag: string, calls: readonly Call[], untilMs: number): void {
    this.byTag.set(tag, { calls: [...(this.byTag.get(tag)?.calls ?? []), ...calls], untilMs });
  }

  /** Takes out those of a tag that this pod owns again. */
  take(tag: string): readonly Call[] {
    const piped = this.byTag.get(tag);
    this.byTag.delete(tag);
    return piped?.calls ?? [];
  }

  /** Takes out those whose time is over. */
  takeExpired(nowMs: number): readonly Call[] {
    const expired = [...this.byTag].filter(([, { untilMs }]) => untilMs <= nowMs);
    return expired.flatMap(([tag]) => this.take(tag));
  }
}
