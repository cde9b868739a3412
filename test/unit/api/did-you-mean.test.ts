import { expect, test } from '@jest/globals';
import { didYouMean } from '../../../src/api/did-you-mean.ts';

test.each([
  ['listner', 'listeners'],
  ['LISTENERS', 'listeners'],
  ['route', 'routes'],
  ['htpt', undefined],
  ['colour', undefined],
])('%s means %s', (name, meant) => {
  expect(didYouMean(name, ['listeners', 'routes', 'log'])).toBe(meant);
});

test('the nearest of several', () => {
  expect(didYouMean('t3', ['sip', 't1x', 't2'])).toBe('t2');
});
