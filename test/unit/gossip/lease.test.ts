import { describe, expect, it } from '@jest/globals';
import { Lease } from '../../../src/gossip/lease.ts';

describe('lease', () => {
  it.each([
    ['no answer', {}, 1, -Infinity],
    ['one of one', { B: 100 }, 1, 900],
    ['the second latest of two votes', { B: 100, C: 300, D: 200 }, 2, 1000],
    ['too few', { B: 100 }, 2, -Infinity],
    ['answers of others do not count', { X: 500, B: 100 }, 1, 900],
    ['no vote but the own is needed', {}, 0, Infinity],
  ])('%s', (_, renewals, votes, until) => {
    const lease = new Lease();
    for (const [voter, sentAtMs] of Object.entries(renewals)) lease.renew(voter, sentAtMs);
    expect(lease.until(['B', 'C', 'D'], votes, 800)).toBe(until);
  });

  it('counts the time of sending, and an older answer changes nothing', () => {
    const lease = new Lease();
    lease.renew('B', 500);
    lease.renew('B', 400);
    expect(lease.until(['B'], 1, 800)).toBe(1300);
    lease.clear();
    expect(lease.until(['B'], 1, 800)).toBe(-Infinity);
  });
});
