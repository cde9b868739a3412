import { expect, test } from '@jest/globals';
import { cutList } from '../../../src/sip/index.ts';

test.each([
  ['', []],
  ['one', ['one']],
  [' one , two ,three', ['one', 'two', 'three']],
  ['"a, b" <sip:a@b>, <sip:c,d@e>', ['"a, b" <sip:a@b>', '<sip:c,d@e>']],
  ['"a \\", b" <sip:a@b>, c', ['"a \\", b" <sip:a@b>', 'c']],
  ['"a\\\\", c', ['"a\\\\"', 'c']],
  ['a,,b,', ['a', 'b']],
  ['"never closed, a', ['"never closed, a']],
  ['<never closed, a', ['<never closed, a']],
])('%j', (value, elements) => {
  expect(cutList(value, [])).toEqual(elements);
});
