import type { Clock } from './clock.ts';

/** A timer that was set; only the wheel looks inside. */
export interface TimerEntry {
  /** Undefined once it was called or taken back. */
  callback: (() => void) | undefined;
  dueTick: number;
  previous: TimerEntry;
  next: TimerEntry;
}

/** Resolution in ms: timers fire up to two ticks late, never early. */
const TICK_MS = 5;
/** One turn of the wheel takes 20 s, so that most SIP timers are met once only. */
const SLOTS = 4096;

/** All timers of the process on one hashed wheel: setting and clearing cost the same however many there are. */
export class TimingWheel {
  private readonly clock: Clock;
  /** The head of each slot's ring of entries. */
  private readonly slots: TimerEntry[] = Array.from({ length: SLOTS }, newRing);
  private readonly startMs: number;
  /** The last tick whose slot was fired. */
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
    const elapsedMs = this.clock.nowMs() - this.startMs;
    const nowTick = Math.floor(elapsedMs / TICK_MS);
    if (this.count === 0) this.tick = nowTick;
    const dueTick = Math.max(Math.ceil((elapsedMs + delayMs) / TICK_MS), nowTick + 1);
    const entry = append(this.slotOf(dueTick), callback, dueTick);
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

  private slotOf(tick: number): TimerEntry {
    const slot = this.slots[tick % SLOTS];
    if (slot === undefined) throw new RangeError(`no timer can be due at tick ${String(tick)}`);
    return slot;
  }

  private wake(): void {
    if (this.running) return;
    this.running = true;
    this.clock.after(TICK_MS, () => {
      this.running = false;
      try {
        this.turn();
      } finally {
        if (this.count > 0) this.wake();
      }
    });
  }

  private turn(): void {
    const nowTick = Math.floor((this.clock.nowMs() - this.startMs) / TICK_MS);
    // After a long pause one turn of the wheel meets every slot.
    const first = Math.max(this.tick + 1, nowTick - SLOTS + 1);
    for (let tick = first; tick <= nowTick; tick++) {
      this.fireSlot(this.slotOf(tick), nowTick);
      this.tick = tick;
    }
  }

  private fireSlot(ring: TimerEntry, nowTick: number): void {
    if (ring.next === ring) return;
    const due: TimerEntry[] = [];
    for (let entry = ring.next; entry !== ring; entry = entry.next) {
      if (entry.dueTick <= nowTick) due.push(entry);
    }
    for (const entry of due) {
      const { callback } = entry;
      // A callback before it may have taken this one back.
      if (callback === undefined) continue;
      unlink(entry);
      this.count--;
      callback();
    }
  }
}

function newRing(): TimerEntry {
  const head = { callback: undefined, dueTick: 0 } as TimerEntry;
  head.previous = head;
  head.next = head;
  return head;
}

function append(ring: TimerEntry, callback: () => void, dueTick: number): TimerEntry {
  const entry: TimerEntry = { callback, dueTick, previous: ring.previous, next: ring };
  ring.previous.next = entry;
  ring.previous = entry;
  return entry;
}

function unlink(entry: TimerEntry): void {
  entry.previous.next = entry.next;
  entry.next.previous = entry.previous;
  entry.callback = undefined;
}
