import { expect, test } from '@jest/globals';
import { formatDuration, parseDuration } from '../../../src/api/duration.ts';

test.each([
  ['0s', 0],
  ['0.5ms', 1],
  ['1.25s', 1_250],
  ['2h', 7_200_000],
  ['1h0m0s', 3_600_000],
  ['1m30s', 90_000],
  ['1s500ms', 1_500],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '1', 's', '1S', '1.s', '.5s', ' 1s', '1d', '1m30', '1m 30s', '-1s'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([0, 1, 50, 1_000, 1_500, 60_000, 90_000, 3_600_000])('%i ms reads back from its text', (ms) => {
  expect(parseDuration(formatDuration(ms))).toBe(ms);
});

test('the text is in the largest unit that fits', () => {
  expect([1_500, 60_000, 0].map(formatDuration)).toEqual(['1500ms', '1m', '0s']);
});
