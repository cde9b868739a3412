import { expect, test } from '@jest/globals';
import { isToken, lowerTokens } from '../../../src/sip/index.ts';

test('tokens are what RFC 3261 says', () => {
  expect(['INVITE', "-.!%*_+`'~", 'x1'].every(isToken)).toBe(true);
  expect(['', 'a b', 'a/b', 'a@b', 'a"', '\xe9', 'a\r', '('].some(isToken)).toBe(false);
});

test('a token list is compared in lower case', () => {
  expect(lowerTokens(['100rel', 'Timer', '', 'a b'])).toEqual(['100rel', 'timer']);
});
