import type { Clock } from '../../../src/runtime/clock.ts';

/** A clock that moves when it is told; what its timers start is let run before the next one fires. */
export class VirtualClock implements Clock {
  private readonly timers: { dueMs: number; callback: () => void }[] = [];
  private timeMs = 0;

  nowMs(): number {
    return this.timeMs;
  }

  after(delayMs: number, callback: () => void): void {
    this.timers.push({ dueMs: this.timeMs + delayMs, callback });
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const endMs = this.timeMs + ms;
    await settled();
    for (let timer = this.takeDue(endMs); timer !== undefined; timer = this.takeDue(endMs)) {
      this.timeMs = Math.max(this.timeMs, timer.dueMs);
      timer.callback();
      await settled();
    }
    this.timeMs = endMs;
  }

  private takeDue(endMs: number): { dueMs: number; callback: () => void } | undefined {
    const [first] = this.timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
    if (first !== undefined) this.timers.splice(this.timers.indexOf(first), 1);
    return first;
  }
}

/** Waits until all promises that can be kept are. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
