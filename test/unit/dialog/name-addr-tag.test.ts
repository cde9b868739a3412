import { expect, test } from '@jest/globals';
import { withoutTag, withTag } from '../../../src/dialog/name-addr-tag.ts';

test.each([
  ['<sip:a@x>;tag=1', '<sip:a@x>'],
  ['"A" <sip:a@x>;foo=1;tag=abc;bar', '"A" <sip:a@x>;foo=1;bar'],
  ['sip:a@x;tag=1', 'sip:a@x'],
  ['<sip:a@x;tag=uri> ; TAG = 1', '<sip:a@x;tag=uri>'],
  ['"x;tag=no <" <sip:a@x>;tag=1', '"x;tag=no <" <sip:a@x>'],
  ['"\\";tag=no" <sip:a@x>;tag=1', '"\\";tag=no" <sip:a@x>'],
  ['<sip:a@x>', '<sip:a@x>'],
])('%s without its tag is %s', (value, expected) => {
  expect(withoutTag(value)).toBe(expected);
});

test('an empty tag is none', () => {
  expect(withTag('<sip:a@x>', '')).toBe('<sip:a@x>');
  expect(withTag('<sip:a@x>', '1')).toBe('<sip:a@x>;tag=1');
});
