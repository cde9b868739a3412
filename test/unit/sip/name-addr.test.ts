import { describe, expect, test } from '@jest/globals';
import { formatNameAddr, parseNameAddr, uriOf } from '../../../src/sip/index.ts';

describe('parseNameAddr', () => {
  test.each([
    ['<sip:a@b>', '', 'sip:a@b', ''],
    ['Alice Liddell <sip:a@b>;tag=1', 'Alice Liddell', 'sip:a@b', ';tag=1'],
    ['Alice<sip:a@b>', 'Alice', 'sip:a@b', ''],
    ['"Alice, \\"A\\" <x>" <sip:a@b;lr> ;q=0.3', 'Alice, "A" <x>', 'sip:a@b;lr', ';q=0.3'],
    ['"" <sip:a@b>', '', 'sip:a@b', ''],
    ['sip:a@b;expires=60', '', 'sip:a@b', ';expires=60'],
    ['sip:a@b ; tag = 1', '', 'sip:a@b', '; tag = 1'],
    ['<http://example.org/?x=1,2>;tag=1', '', 'http://example.org/?x=1,2', ';tag=1'],
    ['isbn:2983792873', '', 'isbn:2983792873', ''],
    ['*', '', '*', ''],
    ['J\xfcrgen <sip:a@b>', 'J\xfcrgen', 'sip:a@b', ''],
  ])('%s', (value, display, uri, params) => {
    const address = parseNameAddr(value);
    expect([address?.display, address?.uri, address?.params.text]).toEqual([display, uri, params]);
  });

  test.each([
    '',
    'alice',
    'alice@b',
    'sip:',
    '<>',
    '<sip:a@b',
    '< sip:a@b >',
    'sip:a b@c',
    'Bell, Alexander <sip:a@b>',
    '"Alice <sip:a@b>',
    '"Alice" x <sip:a@b>',
    '<sip:a@b> x',
    '<sip:a@b>;',
    '<sip:a@b>;;tag=1',
    'sip:a@b?Route=x',
    'sip:a,b@c',
    '<sip:a@b>>',
  ])('%j is malformed', (value) => {
    expect(parseNameAddr(value)).toBeUndefined();
    expect(uriOf(value)).toBe('');
  });
});

test.each([
  ['', '<sip:a@b>'],
  ['Alice', 'Alice <sip:a@b>'],
  ['Alice "A" \\', '"Alice \\"A\\" \\\\" <sip:a@b>'],
])('a display name %j is written so that it reads back', (display, written) => {
  expect(formatNameAddr(display, 'sip:a@b')).toBe(written);
  expect(parseNameAddr(written)?.display).toBe(display);
});
