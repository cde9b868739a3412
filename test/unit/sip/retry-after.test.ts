import { expect, test } from '@jest/globals';
import { parseRetryAfter } from '../../../src/sip/index.ts';

test.each([
  ['18000', { seconds: 18_000, durationSeconds: undefined }],
  ['18000;duration=3600', { seconds: 18_000, durationSeconds: 3600 }],
  ['120 (I am in a (long) meeting)', { seconds: 120, durationSeconds: undefined }],
  ['120 (meeting);duration=60', { seconds: 120, durationSeconds: 60 }],
  ['949302838503028349304023988', undefined],
  ['soon', undefined],
  ['5 )(', undefined],
  ['', undefined],
])('%j', (value, expected) => {
  expect(parseRetryAfter(value)).toEqual(expected);
});
