import { describe, expect, it } from '@jest/globals';
import { BackOff } from '../../../src/mesh/back-off.ts';

describe('back-off', () => {
  it('doubles up to its limit and begins anew when reset', () => {
    const backOff = new BackOff(() => 1);
    expect([1, 2, 3, 4, 5, 6].map(() => backOff.next(200))).toEqual([20, 40, 80, 160, 200, 200]);
    backOff.reset();
    expect(backOff.next(200)).toBe(20);
  });

  it('is shortened at random by up to a half', () => {
    expect(new BackOff(() => 0).next(200)).toBe(10);
    expect(new BackOff(() => 0.5).next(200)).toBe(15);
  });

  it('falls with the limit', () => {
    const backOff = new BackOff(() => 1);
    for (let count = 0; count < 10; count++) backOff.next(2000);
    expect(backOff.next(2000)).toBe(2000);
    expect(backOff.next(200)).toBe(200);
  });
});
