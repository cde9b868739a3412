import type { SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** A message whose tag has no reachable owner yet. */
interface Held {
  message: SipMessage;
  flow: Flow;
}

/** Longest time that a message is held, in ms: its sender gives up by then (RFC 3261 §17.1.2.2, timer F). */
export const HOLD_LIMIT_MS = 32_000;

/** Messages of existing dialogs that nobody can handle at the moment; bounded in number and time. */
export class HeldMessages {
  private readonly byTag = new Map<string, Held[]>();
  /** A message that is held again keeps its first deadline. */
  private readonly deadlines = new WeakMap<SipMessage, number>();
  private readonly limit: number;
  private readonly dropped: () => void;
  private count = 0;

  /** `dropped` is called for each message that is given up. */
  constructor(limit: number, dropped: () => void) {
    this.limit = limit;
    this.dropped = dropped;
  }

  get size(): number {
    return this.count;
  }

  hold(tag: string, held: Held, nowMs: number): void {
    const { message } = held;
    if (this.count >= this.limit) {
      this.dropped();
      return;
    }
    if (!this.deadlines.has(message)) this.deadlines.set(message, nowMs + HOLD_LIMIT_MS);
    const others = this.byTag.get(tag) ?? [];
    others.push(held);
    this.byTag.set(tag, others);
    this.count++;
  }

  /** Whether this message was held before. */
  knows(message: SipMessage): boolean {
    return this.deadlines.has(message);
  }

  /** How long ago this message was first held, in ms; 0 if it never was. */
  waitedMs(message: SipMessage, nowMs: number): number {
    const deadlineMs = this.deadlines.get(message);
    return deadlineMs === undefined ? 0 : nowMs - (deadlineMs - HOLD_LIMIT_MS);
  }

  tags(): string[] {
    return [...this.byTag.keys()];
  }

  /** Takes out what is held for a tag, in order of arrival; what is too old is dropped. */
  take(tag: string, nowMs: number): Held[] {
    const held = this.byTag.get(tag) ?? [];
    this.byTag.delete(tag);
    this.count -= held.length;
    return held.filter(({ message }) => {
      const fresh = (this.deadlines.get(message) ?? 0) > nowMs;
      if (!fresh) this.dropped();
      return fresh;
    });
  }
}
