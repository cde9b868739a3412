import { describe, expect, it } from '@jest/globals';
import { digest } from '../../../src/reconcile/digest.ts';
import { isEqual } from '../../../src/reconcile/equal.ts';

describe('the digest of a value', () => {
  it('does not depend on the order of keys, and does on everything else', () => {
    expect(digest({ a: 1, b: [1, 2] })).toBe(digest({ b: [1, 2], a: 1 }));
    expect(digest({ a: 1, b: undefined })).toBe(digest({ a: 1 }));
    const others = [
      { a: 1, b: [2, 1] },
      { a: 1, b: [1, 2, 3] },
      { a: '1', b: [1, 2] },
      { a: 1 },
      null,
      'a',
      [],
    ];
    expect(new Set(others.map(digest)).size).toBe(others.length);
    expect(digest({})).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('equality', () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: undefined }, {}, true],
    [{ a: null }, {}, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [Number.NaN, Number.NaN, true],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }, true],
    ['1', 1, false],
  ])('of %j and %j is %s', (left, right, same) => {
    expect(isEqual(left, right)).toBe(same);
  });
});
