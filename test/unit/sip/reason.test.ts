import { expect, test } from '@jest/globals';
import { formatReason, parseReason } from '../../../src/sip/index.ts';

test.each([
  [
    'SIP;cause=200;text="Call completed elsewhere"',
    { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  ],
  ['Q.850 ; cause = 16', { protocol: 'Q.850', cause: 16, text: '' }],
  ['Preemption', { protocol: 'Preemption', cause: undefined, text: '' }],
  ['SIP;text="a;\\"b\\""', { protocol: 'SIP', cause: undefined, text: 'a;"b"' }],
  ['', undefined],
  ['S P;cause=1', undefined],
  ['SIP;', undefined],
])('%j', (value, expected) => {
  expect(parseReason(value)).toEqual(expected);
});

test('a Reason reads back as it was written', () => {
  const reason = { protocol: 'SIP', cause: 503, text: 'pod "a" is gone' };
  expect(parseReason(formatReason(reason))).toEqual(reason);
  expect(formatReason({ protocol: 'Q.850', cause: undefined, text: '' })).toBe('Q.850');
});
