import { describe, expect, test } from '@jest/globals';
import { merged } from '../../../../src/local/kubernetes/merge.ts';

describe('a merge', () => {
  // RFC 7386 appendix A, objects only: a Kubernetes object is one.
  const table: [target: unknown, patch: unknown, result: unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];

  test.each(table)('%j with %j is %j', (target, patch, result) => {
    expect(merged(target, patch, 'replace')).toEqual(result);
  });

  test('by key takes the order of the patch, keeps what it does not name, and changes items in their fields', () => {
    const target = {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', value: '3', more: true },
      ],
    };
    const patch = {
      env: [
        { name: 'C', value: '9' },
        { name: 'D', value: '4' },
      ],
    };
    expect(merged(target, patch, 'by-key')).toEqual({
      env: [
        { name: 'C', value: '9', more: true },
        { name: 'D', value: '4' },
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    });
  });

  test('by key replaces lists whose items have no keys, or the same ones', () => {
    expect(merged({ args: ['a', 'b'] }, { args: ['c'] }, 'by-key')).toEqual({ args: ['c'] });
    const twice = [{ name: 'A' }, { name: 'A' }];
    expect(merged({ env: [{ name: 'B' }] }, { env: twice }, 'by-key')).toEqual({ env: twice });
  });
});
