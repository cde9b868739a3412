import { expect, test } from '@jest/globals';
import { bracketed, isIPv4, isIPv6, parseHostPort } from '../../../src/sip/index.ts';
import { isGroupAddress } from '../../../src/sip/host.ts';

test.each([
  '::',
  '::1',
  '1::',
  '2001:db8::9:1',
  '1:2:3:4:5:6:7:8',
  '::ffff:192.0.2.1',
  '1:2:3:4:5:6:192.0.2.1',
  '2001:db8::192.0.2.1',
  '1:2:3:4:5:6:7::',
])('%s is IPv6', (text) => {
  expect(isIPv6(text)).toBe(true);
});

test.each([
  '',
  ':',
  ':::',
  '1',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '2001:db8:::1',
  'g::1',
  '12345::1',
  '192.0.2.1',
  '192.0.2.1::1',
  '::192.0.2.256',
  '1:2:3:4:5:6:7:192.0.2.1',
  '::1%eth0',
])('%j is not', (text) => {
  expect(isIPv6(text)).toBe(false);
});

test.each([
  ['192.0.2.1', true],
  ['255.255.255.255', true],
  ['256.0.0.1', false],
  ['1.2.3', false],
  ['1.2.3.4.5', false],
  ['a.b.c.d', false],
])('%s is IPv4: %s', (text, is) => {
  expect(isIPv4(text)).toBe(is);
});

test.each([
  ['Host_1.example', { host: 'host_1.example', port: undefined }],
  ['host:5060', { host: 'host', port: 5060 }],
  ['host : 5060', undefined],
  ['[::1]', { host: '::1', port: undefined }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['', undefined],
  [':5060', undefined],
  ['host:', undefined],
  ['host:+1', undefined],
  ['ho st', undefined],
  ['[::1', undefined],
  ['[host]', undefined],
])('host and port of %j', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected);
});

test('only IPv6 is written in brackets', () => {
  expect(['::1', '[::1]', '192.0.2.1', 'h'].map(bracketed)).toEqual(['[::1]', '[::1]', '192.0.2.1', 'h']);
});

test('broadcast and multicast name a group', () => {
  const groups = ['255.255.255.255', '224.0.1.75', '239.1.1.1', 'ff02::1'];
  const hosts = ['192.0.2.255', '223.255.255.255', '240.0.0.1', 'fe80::1', 'ff.example', '192.0.2.1'];
  expect(groups.filter(isGroupAddress)).toEqual(groups);
  expect(hosts.filter(isGroupAddress)).toEqual([]);
});
