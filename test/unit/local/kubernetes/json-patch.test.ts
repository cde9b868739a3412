import { describe, expect, test } from '@jest/globals';
import type { JsonPatchOperation } from '../../../../src/kube/api.ts';
import { jsonPatched } from '../../../../src/local/kubernetes/json-patch.ts';

describe('a JSON patch (RFC 6902 appendix A)', () => {
  const table: [name: string, document: unknown, operations: JsonPatchOperation[], result: unknown][] = [
    [
      'A.1 adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { foo: 'bar', baz: 'qux' },
    ],
    [
      'A.2 adds an item',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3 removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'A.4 removes an item',
      { foo: ['a', 'b', 'c'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['a', 'c'] },
    ],
    ['A.5 replaces a value', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      'A.8 tests values',
      { a: { b: [1, 2] } },
      [{ op: 'test', path: '/a/b', value: [1, 2] }],
      { a: { b: [1, 2] } },
    ],
    [
      'A.14 unescapes names',
      { '/': 9, '~1': 10 },
      [
        { op: 'test', path: '/~01', value: 10 },
        { op: 'remove', path: '/~1' },
      ],
      { '~1': 10 },
    ],
    [
      'A.16 adds behind the last item',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc'] }],
      { foo: ['bar', ['abc']] },
    ],
    ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    ['adds null', {}, [{ op: 'add', path: '/a', value: null }], { a: null }],
  ];

  test.each(table)('%s', (_name, document, operations, result) => {
    expect(jsonPatched(document, operations)).toEqual(result);
  });

  const refusals: [name: string, operations: JsonPatchOperation[]][] = [
    ['a test that fails', [{ op: 'test', path: '/a', value: 2 }]],
    ['a test of what is not there', [{ op: 'test', path: '/z', value: 2 }]],
    ['a parent that is not there', [{ op: 'add', path: '/z/y', value: 1 }]],
    ['a parent that is a number', [{ op: 'add', path: '/a/b', value: 1 }]],
    ['the removal of nothing', [{ op: 'remove', path: '/z' }]],
    ['an item behind the list', [{ op: 'add', path: '/list/3', value: 1 }]],
    ['the replacement of the item behind the last', [{ op: 'replace', path: '/list/-', value: 1 }]],
    ['an index with a leading zero', [{ op: 'add', path: '/list/01', value: 1 }]],
    ['a path without a slash', [{ op: 'add', path: 'a', value: 1 }]],
    ['a member of every object', [{ op: 'test', path: '/toString', value: 1 }]],
  ];

  test.each(refusals)('refuses %s, and leaves the document', (_name, operations) => {
    const document = { a: 1, list: [1, 2] };
    const first: JsonPatchOperation = { op: 'replace', path: '/a', value: 1 };
    expect(() => jsonPatched(document, [first, ...operations])).toThrow(
      expect.objectContaining({ reason: 'Invalid', code: 422 }),
    );
    expect(document).toEqual({ a: 1, list: [1, 2] });
  });
});
