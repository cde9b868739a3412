import { describe, expect, test } from '@jest/globals';
import { glareWaitMs, refusedWaitMs, unreachedWaitMs } from '../../../src/rehome/back-off.ts';

describe('waits', () => {
  test.each([
    [true, 0, 0],
    [true, 0.999_999, 2_000],
    [false, 0, 2_100],
    [false, 0.999_999, 4_000],
  ])('a 491 when the endpoint chose the Call-ID (%s) at chance %f waits %i ms', (endpoint, chance, wait) => {
    expect(glareWaitMs(endpoint, () => chance)).toBe(wait);
  });

  test('a 491 waits in steps of 10 ms', () => {
    for (let chance = 0; chance < 1; chance += 0.013) {
      expect(glareWaitMs(true, () => chance) % 10).toBe(0);
      expect(glareWaitMs(false, () => chance) % 10).toBe(0);
    }
  });

  test('refused and silent legs are left alone longer each time, up to a limit', () => {
    expect([1, 2, 3, 9].map(refusedWaitMs)).toEqual([30_000, 60_000, 120_000, 600_000]);
    expect([1, 2, 3, 9].map(unreachedWaitMs)).toEqual([5_000, 10_000, 20_000, 60_000]);
  });
});
