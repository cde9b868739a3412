import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from '../../../src/runtime/clock.ts';
import { TimingWheel, type TimerEntry } from '../../../src/runtime/timing-wheel.ts';

/** How late a timer may be: two ticks of the wheel. */
const LATE_MS = 10;

/** A clock that moves when it is told to. */
class VirtualClock implements Clock {
  now = 1000.25;
  /** How often the wheel was woken. */
  wakes = 0;
  #waiting: { atMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): void {
    this.#waiting.push({ atMs: this.now + delayMs, callback });
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Lets time pass step by step. */
  advance(byMs: number): void {
    const untilMs = this.now + byMs;
    for (let next = this.#take(untilMs); next !== undefined; next = this.#take(untilMs)) {
      this.now = Math.max(this.now, next.atMs);
      this.wakes += 1;
      next.callback();
    }
    this.now = untilMs;
  }

  /** Lets time pass while nothing can run, as in a stopped process. */
  sleep(byMs: number): void {
    this.now += byMs;
  }

  #take(untilMs: number): { atMs: number; callback: () => void } | undefined {
    const at = this.#waiting.findIndex(({ atMs }) => atMs <= untilMs);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}

function newWheel(): { clock: VirtualClock; wheel: TimingWheel } {
  const clock = new VirtualClock();
  return { clock, wheel: new TimingWheel(clock) };
}

describe('a timer', () => {
  it.each([0, 1, 4.9, 5, 500, 20_480, 32_000, 100_000])('of %d ms fires once, never early', (delayMs) => {
    const { clock, wheel } = newWheel();
    const firedMs: number[] = [];
    const setMs = clock.now;
    wheel.set(delayMs, () => firedMs.push(clock.now - setMs));
    clock.advance(200_000);
    expect(firedMs).toHaveLength(1);
    expect(firedMs[0]).toBeGreaterThanOrEqual(delayMs);
    expect(firedMs[0]).toBeLessThanOrEqual(delayMs + LATE_MS);
    expect(wheel.size).toBe(0);
  });

  it('in the past fires at the next tick', () => {
    const { clock, wheel } = newWheel();
    let fired = false;
    wheel.set(-50, () => (fired = true));
    clock.advance(LATE_MS);
    expect(fired).toBe(true);
  });

  it('that was taken back does not fire, nor does taking it back twice harm another', () => {
    const { clock, wheel } = newWheel();
    let fired = 0;
    const first = wheel.set(100, () => (fired += 1));
    wheel.set(100, () => (fired += 10));
    wheel.clear(first);
    wheel.clear(first);
    expect(wheel.size).toBe(1);
    clock.advance(200);
    expect(fired).toBe(10);
    wheel.clear(first);
    expect(wheel.size).toBe(0);
  });

  it('can be set and taken back by the callback of another', () => {
    const { clock, wheel } = newWheel();
    const log: string[] = [];
    const later: TimerEntry[] = [];
    wheel.set(100, () => {
      log.push('first');
      for (const entry of later) wheel.clear(entry);
      wheel.set(0, () => log.push('third'));
    });
    later.push(wheel.set(100, () => log.push('second')));
    clock.advance(100 + 2 * LATE_MS);
    expect(log).toEqual(['first', 'third']);
    expect(wheel.size).toBe(0);
  });

  it('without a time is refused', () => {
    const { wheel } = newWheel();
    expect(() => wheel.set(NaN, () => undefined)).toThrow(RangeError);
    expect(wheel.size).toBe(0);
  });

  it('is late, not lost, when the process slept', () => {
    const { clock, wheel } = newWheel();
    const log: number[] = [];
    for (const delayMs of [10, 5000, 40_000, 70_000]) wheel.set(delayMs, () => log.push(delayMs));
    clock.sleep(60_000);
    clock.advance(LATE_MS);
    expect(log.sort((a, b) => a - b)).toEqual([10, 5000, 40_000]);
    clock.advance(10_000 + LATE_MS);
    expect(log).toContain(70_000);
  });

  it('whose callback throws stops no other', () => {
    const { clock, wheel } = newWheel();
    const log: string[] = [];
    wheel.set(100, () => {
      throw new Error('broken');
    });
    wheel.set(100, () => log.push('same tick'));
    wheel.set(200, () => log.push('later'));
    expect(() => {
      clock.advance(150);
    }).toThrow('broken');
    clock.advance(250);
    expect(log).toEqual(['same tick', 'later']);
    expect(wheel.size).toBe(0);
  });
});

it('an empty wheel asks nothing of the clock', () => {
  const { clock, wheel } = newWheel();
  expect(clock.isWaiting).toBe(false);
  const entry = wheel.set(1000, () => undefined);
  wheel.clear(entry);
  clock.advance(60_000);
  expect(clock.isWaiting).toBe(false);
  expect(clock.wakes).toBeLessThanOrEqual(1);
});

it('timers set after a long idle time are on time', () => {
  const { clock, wheel } = newWheel();
  wheel.set(1, () => undefined);
  clock.advance(100);
  clock.sleep(3_600_000);
  let firedMs = 0;
  const setMs = clock.now;
  wheel.set(30, () => (firedMs = clock.now));
  clock.advance(100);
  expect(firedMs - setMs).toBeGreaterThanOrEqual(30);
  expect(firedMs - setMs).toBeLessThanOrEqual(30 + LATE_MS);
});

it('any timers fire on time, but for those taken back before', () => {
  const timer = fc.record({ delayMs: fc.nat(60_000), waitMs: fc.nat(50), clearAfterMs: fc.nat(120_000) });
  fc.assert(
    fc.property(fc.array(timer), (timers) => {
      const { clock, wheel } = newWheel();
      const lateMs = timers.map(({ delayMs, waitMs, clearAfterMs }) => {
        clock.advance(waitMs);
        const late: number[] = [];
        const dueMs = clock.now + delayMs;
        const entry = wheel.set(delayMs, () => late.push(clock.now - dueMs));
        wheel.set(clearAfterMs, () => {
          wheel.clear(entry);
        });
        return {
          late,
          isCleared: clearAfterMs < delayMs - LATE_MS,
          isFree: clearAfterMs > delayMs + LATE_MS,
        };
      });
      clock.advance(200_000);
      expect(wheel.size).toBe(0);
      expect(lateMs.filter(({ late, isCleared }) => isCleared && late.length > 0)).toEqual([]);
      expect(lateMs.filter(({ late, isFree }) => isFree && late.length !== 1)).toEqual([]);
      expect(lateMs.flatMap(({ late }) => late).filter((ms) => ms < 0 || ms > LATE_MS)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

it('a hundred thousand timers are cheap to set, to take back and to fire', () => {
  const { clock, wheel } = newWheel();
  let fired = 0;
  const startedMs = performance.now();
  const entries = Array.from({ length: 100_000 }, (_, index) =>
    wheel.set(index % 32_000, () => (fired += 1)),
  );
  for (const entry of entries.slice(50_000)) wheel.clear(entry);
  expect(wheel.size).toBe(50_000);
  clock.advance(40_000);
  expect(fired).toBe(50_000);
  // About 60 ms here; a list sorted by time would take minutes.
  expect(performance.now() - startedMs).toBeLessThan(30_000);
});
