import { expect, test } from '@jest/globals';
import { parseCSeq, parseRAck, formatRAck } from '../../../src/sip/index.ts';

test.each([
  ['0 INVITE', { number: 0, method: 'INVITE' }],
  ['0009 \t INVITE', { number: 9, method: 'INVITE' }],
  ['2147483647 BYE', { number: 2_147_483_647, method: 'BYE' }],
  ['2147483648 BYE', undefined],
  ['-1 BYE', undefined],
  ['BYE', undefined],
  ['1', undefined],
  ['1 ', undefined],
  ['1 BYE now', undefined],
  ['', undefined],
])('CSeq %j', (value, expected) => {
  expect(parseCSeq(value)).toEqual(expected);
});

test.each([
  ['776656 1 INVITE', { rseq: 776_656, cseq: 1, method: 'INVITE' }],
  ['1  2  INVITE', { rseq: 1, cseq: 2, method: 'INVITE' }],
  ['1 INVITE', undefined],
  ['x 1 INVITE', undefined],
  ['', undefined],
])('RAck %j', (value, expected) => {
  expect(parseRAck(value)).toEqual(expected);
});

test('a RAck is written as it is read', () => {
  expect(formatRAck({ rseq: 1, cseq: 2, method: 'INVITE' })).toBe('1 2 INVITE');
});
