import type { Clock } from './clock.ts';

/** A timer that was set; only the wheel looks inside. */
export interface TimerEntry {
  callback: (() => void) | undefined;
  dueTick: number;
  previous: TimerEntry | undefined;
  next: TimerEntry | undefined;
}

/** Resolution in ms: timers fire up to this much late, never early. */
const TICK_MS = 5;
const SLOTS = 4096;

/** All timers of the process on one hashed wheel: setting and clearing cost the same however many there are. */
export class TimingWheel {
  private readonly clock: Clock;
  private readonly slots: TimerEntry[] = Array.from({ length: SLOTS }, newHead);
  private readonly startMs: number;
  private tick = 0;
  private count = 0;
  private running = false;

  constructor(clock: Clock) {
    this.clock = clock;
    this.startMs = clock.nowMs();
  }

  /** Timers that are set. */
  get size(): number {
    return this.count;
  }

  /** Calls `callback` once, `delayMs` from now. */
  set(delayMs: number, callback: () => void): TimerEntry {
    const nowTick = Math.floor((this.clock.nowMs() - this.startMs) / TICK_MS);
    if (this.count === 0) this.tick = nowTick;
    const dueTick = Math.max(nowTick + Math.ceil(delayMs / TICK_MS), this.tick) + 1;
    const entry: TimerEntry = { callback, dueTick, previous: undefined, next: undefined };
    this.link(entry);
    this.count++;
    this.wake();
    return entry;
  }

  /** Takes a timer back; nothing happens when it has fired or was cleared. */
  clear(entry: TimerEntry): void {
    if (entry.callback === undefined) return;
    unlink(entry);
    this.count--;
  }

  private link(entry: TimerEntry): void {
    const head = this.slots[entry.dueTick & (SLOTS - 1)];
    if (!head) return;
    const last = head.previous ?? head;
    entry.previous = last;
    entry.next = head;
    last.next = entry;
    head.previous = entry;
  }

  private wake(): void {
    if (this.running) return;
    this.running = true;
    this.clock.after(TICK_MS, () => {
      this.running = false;
      this.turn();
      if (this.count > 0) this.wake();
    });
  }

  private turn(): void {
    const nowTick = Math.floor((this.clock.nowMs() - this.startMs) / TICK_MS);
    // After a long pause one round of the wheel meets every slot.
    const last = Math.min(nowTick, this.tick + SLOTS);
    for (let tick = this.tick + 1; tick <= last; tick++) this.fireSlot(tick & (SLOTS - 1), nowTick);
    this.tick = nowTick;
  }

  private fireSlot(slot: number, nowTick: number): void {
    const head = this.slots[slot];
    if (!head || head.next === head) return;
    const due: TimerEntry[] = [];
    for (let entry = head.next; entry && entry !== head; entry = entry.next) {
      if (entry.dueTick <= nowTick) due.push(entry);
    }
    for (const entry of due) {
      const { callback } = entry;
      if (!callback) continue;
      unlink(entry);
      this.count--;
      callback();
    }
  }
}

function newHead(): TimerEntry {
  const head: TimerEntry = { callback: undefined, dueTick: 0, previous: undefined, next: undefined };
  head.previous = head;
  head.next = head;
  return head;
}

function unlink(entry: TimerEntry): void {
  if (entry.previous) entry.previous.next = entry.next;
  if (entry.next) entry.next.previous = entry.previous;
  entry.callback = undefined;
  entry.previous = undefined;
  entry.next = undefined;
}
