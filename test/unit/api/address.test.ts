import { describe, expect, test } from '@jest/globals';
import { ipFamily, isHost, isWildcard, parseHostPort } from '../../../src/api/address.ts';

describe('ipFamily', () => {
  test.each([
    ['127.0.0.1', 4],
    ['255.255.255.255', 4],
    ['256.0.0.1', 0],
    ['1.2.3', 0],
    ['1.2.3.4.', 0],
    ['::', 6],
    ['::1', 6],
    ['2001:db8::1:2', 6],
    ['1:2:3:4:5:6:7:8', 6],
    ['1:2:3:4:5:6:7', 0],
    ['1:2:3:4:5:6:7:8:9', 0],
    ['1::2::3', 0],
    ['::ffff:10.0.0.1', 6],
    ['::ffff:10.0.0.256', 0],
    ['10.0.0.1::', 0],
    ['12345::', 0],
    ['', 0],
  ])('of %s is %i', (text, family) => {
    expect(ipFamily(text)).toBe(family);
  });
});

describe('parseHostPort', () => {
  test.each([
    ['10.0.0.1:5060', { address: '10.0.0.1', port: 5060 }],
    ['[::1]:5060', { address: '::1', port: 5060 }],
    ['pod.example:1', { address: 'pod.example', port: 1 }],
    ['10.0.0.1', undefined],
    ['::1', undefined],
    ['[10.0.0.1]:5060', undefined],
    ['10.0.0.1:65536', undefined],
    ['10.0.0.1:', undefined],
    [':5060', undefined],
  ])('of %s', (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected);
  });

  test('takes the default port', () => {
    expect(parseHostPort('[::1]', 5060)).toEqual({ address: '::1', port: 5060 });
  });
});

test.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])('%s is a wildcard', (text) => {
  expect(isWildcard(text)).toBe(true);
});

test.each(['::1', '10.0.0.0', '0'])('%s is no wildcard', (text) => {
  expect(isWildcard(text)).toBe(false);
});

test.each([
  ['pod-0.example', true],
  ['-pod', false],
  ['1.2.3', false],
  ['a b', false],
])('whether %s is a host: %s', (text, expected) => {
  expect(isHost(text)).toBe(expected);
});
