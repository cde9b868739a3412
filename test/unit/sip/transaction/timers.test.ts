import { describe, expect, it } from '@jest/globals';
import {
  absorbMs,
  backOff,
  DEFAULT_TIMERS,
  giveUpMs,
  tryingDueMs,
} from '../../../../src/sip/transaction/timers.ts';

describe('timers of RFC 3261 Table 4', () => {
  it('follow from T1, T2 and T4', () => {
    expect(giveUpMs(DEFAULT_TIMERS)).toBe(32_000);
    expect(absorbMs({ reliable: false, timers: DEFAULT_TIMERS })).toBe(5_000);
    expect(absorbMs({ reliable: true, timers: DEFAULT_TIMERS })).toBe(0);
  });

  it.each([
    [500, 1000],
    [2000, 4000],
    [3000, 4000],
    [4000, 4000],
  ])('doubles %i to %i', (interval, next) => {
    expect(backOff(interval, DEFAULT_TIMERS)).toBe(next);
  });
});

describe('the 100 of RFC 4320', () => {
  it.each([
    // Timer E fires at 500, 1500 and 3500 ms, where it is first set to T2.
    [DEFAULT_TIMERS, 3500],
    [{ t1: 100, t2: 300, t4: 1000 }, 300],
    [{ t1: 500, t2: 500, t4: 5000 }, 0],
  ])('of %j is due after %i ms', (timers, dueMs) => {
    expect(tryingDueMs(timers)).toBe(dueMs);
  });
});
