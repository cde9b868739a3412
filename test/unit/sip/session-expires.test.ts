import { expect, test } from '@jest/globals';
import { formatSessionExpires, parseMinSE, parseSessionExpires } from '../../../src/sip/index.ts';

test.each([
  ['1800', { intervalSeconds: 1800, refresher: undefined }],
  ['1800;refresher=uac', { intervalSeconds: 1800, refresher: 'uac' }],
  ['90 ; x=1 ; Refresher = UAS', { intervalSeconds: 90, refresher: 'uas' }],
  ['90;refresher=me', { intervalSeconds: 90, refresher: undefined }],
  ['', undefined],
  ['soon', undefined],
  ['90;', undefined],
])('%j', (value, expected) => {
  expect(parseSessionExpires(value)).toEqual(expected);
});

test('a Session-Expires is written as it is read', () => {
  expect(formatSessionExpires({ intervalSeconds: 90, refresher: undefined })).toBe('90');
  expect(formatSessionExpires({ intervalSeconds: 1800, refresher: 'uas' })).toBe('1800;refresher=uas');
});

test('Min-SE may have parameters', () => {
  expect([parseMinSE('90'), parseMinSE('90;x=1'), parseMinSE('x')]).toEqual([90, 90, undefined]);
});
