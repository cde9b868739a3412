import type { SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** A message whose tag has no reachable owner yet. */
interface Held {
  message: SipMessage;
  flow: Flow;
  untilMs: number;
}

/** Longest time that a message is held, in ms: its sender gives up by then (RFC 3261 §17.1.2.2, timer F). */
export const HOLD_LIMIT_MS = 32_000;

/** Messages of existing dialogs that nobody can handle at the moment; bounded, oldest given up first. */
export class HeldMessages {
  private readonly byTag = new Map<string, Held[]>();
  private readonly limit: number;
  private readonly dropped: () => void;
  private count = 0;

  constructor(limit: number, dropped: () => void) {
    this.limit = limit;
    this.dropped = dropped;
  }

  get size(): number {
    return this.count;
  }

  hold(tag: string, message: SipMessage, flow: Flow, nowMs: number): void {
    if (this.count >= this.limit) {
      this.dropped();
      return;
    }
    const held = this.byTag.get(tag) ?? [];
    held.push({ message, flow, untilMs: nowMs + HOLD_LIMIT_MS });
    this.byTag.set(tag, held);
    this.count++;
  }

  tags(): string[] {
    return [...this.byTag.keys()];
  }

  /** Takes out what is held for a tag, in order of arrival; what is too old is dropped. */
  take(tag: string, nowMs: number): { message: SipMessage; flow: Flow }[] {
    const held = this.byTag.get(tag) ?? [];
    this.byTag.delete(tag);
    this.count -= held.length;
    const fresh = held.filter((entry) => entry.untilMs > nowMs);
    for (let late = held.length - fresh.length; late > 0; late--) this.dropped();
    return fresh;
  }
}
