import { expect, test } from '@jest/globals';
import { escapeHeaderValue, parseUri, unescape } from '../../../src/sip/index.ts';

test.each([
  ['plain', 'plain'],
  ['%41%4a%4A', 'AJJ'],
  ['100%', '100%'],
  ['%zz', '%zz'],
  ['%00', '\0'],
])('%s stands for %j', (escaped, text) => {
  expect(unescape(escaped)).toBe(text);
});

test('a header value in a URI reads back as it was', () => {
  const value = '1@a;to-tag=2;from-tag=3 & "so on" <x>\xff';
  expect(escapeHeaderValue(value)).not.toMatch(/[;=&" <>\xff]/);
  expect(parseUri(`sip:a@b?Replaces=${escapeHeaderValue(value)}`)?.headers.get('replaces')).toBe(value);
});
