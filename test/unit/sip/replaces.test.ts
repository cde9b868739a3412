import { expect, test } from '@jest/globals';
import { formatReplaces, parseReplaces } from '../../../src/sip/index.ts';

test.each([
  [
    '98732@sip.example;from-tag=r33th4x0r;to-tag=ff87ff',
    { callId: '98732@sip.example', toTag: 'ff87ff', fromTag: 'r33th4x0r', earlyOnly: false },
  ],
  ['1@a ; to-tag=2 ;from-tag=3;early-only', { callId: '1@a', toTag: '2', fromTag: '3', earlyOnly: true }],
  ['1@a;to-tag=2', undefined],
  [';to-tag=2;from-tag=3', undefined],
  ['1@a', undefined],
  ['1@a;to-tag=2;from-tag=3;', undefined],
  ['', undefined],
])('%j', (value, expected) => {
  expect(parseReplaces(value)).toEqual(expected);
});

test('a Replaces reads back as it was written', () => {
  const replaces = { callId: '1@a', toTag: '2', fromTag: '3', earlyOnly: true };
  expect(formatReplaces(replaces)).toBe('1@a;to-tag=2;from-tag=3;early-only');
  expect(parseReplaces(formatReplaces(replaces))).toEqual(replaces);
});
