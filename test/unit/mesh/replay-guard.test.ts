import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReplayGuard } from '../../../src/mesh/replay-guard.ts';

describe('replay guard', () => {
  it('lets each counter pass once, in any order within the window', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(60).keys()], { minLength: 1 }), (counters) => {
        const guard = new ReplayGuard();
        for (const counter of counters) expect(guard.pass('a', 'b1', counter)).toBe(true);
        for (const counter of counters) expect(guard.pass('a', 'b1', counter)).toBe(false);
      }),
    );
  });

  it('refuses what is 64 or more behind, and takes what is 63 behind', () => {
    const guard = new ReplayGuard();
    guard.pass('a', 'b1', 1000);
    expect(guard.pass('a', 'b1', 936)).toBe(false);
    expect(guard.pass('a', 'b1', 937)).toBe(true);
    expect(guard.pass('a', 'b1', 5000)).toBe(true);
    expect(guard.pass('a', 'b1', 1000)).toBe(false);
  });

  it('takes a restart for one only if its counters are above, so that a recorded boot does not come back', () => {
    const guard = new ReplayGuard();
    guard.pass('a', 'old', 10);
    expect(guard.pass('a', 'new', 500)).toBe(true);
    expect(guard.pass('a', 'old', 11)).toBe(false);
    expect(guard.pass('a', 'other', 500)).toBe(false);
  });

  it('believes a stream about a boot whose clock was set back', () => {
    const guard = new ReplayGuard();
    guard.pass('a', 'old', 10_000);
    expect(guard.pass('a', 'new', 500)).toBe(false);
    guard.vouch('a', 'new');
    expect(guard.pass('a', 'new', 500)).toBe(true);
    expect(guard.pass('a', 'new', 500)).toBe(false);
    guard.vouch('a', 'new');
    expect(guard.pass('a', 'new', 500)).toBe(false);
  });

  it('keeps senders apart', () => {
    const guard = new ReplayGuard();
    expect(guard.pass('a', 'x', 1)).toBe(true);
    expect(guard.pass('b', 'x', 1)).toBe(true);
  });
});
