import { describe, expect, test } from '@jest/globals';
import { parseUri, removeUriParam, uriScheme, type SipUri } from '../../../src/sip/index.ts';

function parsed(text: string): SipUri {
  const uri = parseUri(text);
  if (uri === undefined) throw new Error(`malformed: ${text}`);
  return uri;
}

describe('parseUri', () => {
  test('cuts all parts', () => {
    const uri = parsed(
      'SIPS:alice;day=tue:se%3Ccret@Atlanta.EXAMPLE:5061;Transport=TCP;lr?subject=a%20b&priority=urgent',
    );
    expect([uri.scheme, uri.user, uri.password, uri.host, uri.port]).toEqual([
      'sips',
      'alice;day=tue',
      'se%3Ccret',
      'atlanta.example',
      5061,
    ]);
    expect(uri.params.entries()).toEqual([
      ['transport', 'TCP'],
      ['lr', ''],
    ]);
    expect([uri.params.get('TRANSPORT'), uri.params.has('lr'), uri.params.has('maddr')]).toEqual([
      'TCP',
      true,
      false,
    ]);
    expect(uri.headers.entries()).toEqual([
      ['subject', 'a b'],
      ['priority', 'urgent'],
    ]);
    expect([uri.headers.get('Subject'), uri.headers.get('body')]).toEqual(['a b', undefined]);
  });

  test('knows a URI of a host alone', () => {
    const uri = parsed('sip:example.org');
    expect([uri.user, uri.password, uri.host, uri.port, uri.params.text, uri.headers.text]).toEqual([
      '',
      '',
      'example.org',
      undefined,
      '',
      '',
    ]);
  });

  test('reads escaped parameter names', () => {
    expect(parsed('sip:a@b;%6C%72;n%61me=v%61lue').params.entries()).toEqual([
      ['lr', ''],
      ['name', 'value'],
    ]);
  });

  test.each([
    ['sip:[2001:db8::1]', '2001:db8::1', undefined],
    ['sip:a@[2001:DB8::1]:5070;lr', '2001:db8::1', 5070],
    ['sip:a@[::]', '::', undefined],
    ['sip:a@192.0.2.1:65535', '192.0.2.1', 65_535],
  ])('host and port of %s', (text, host, port) => {
    expect([parsed(text).host, parsed(text).port]).toEqual([host, port]);
  });

  test('reads tel', () => {
    const uri = parsed('tel:+1-201-555-0123;phone-context=example.com');
    expect([uri.scheme, uri.user, uri.password, uri.host, uri.params.get('phone-context')]).toEqual([
      'tel',
      '+1-201-555-0123',
      '',
      '',
      'example.com',
    ]);
  });

  test.each([
    '',
    'sip:',
    'sip',
    'alice@b',
    'sip:@b',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:a@b c',
    'sip:a@b:',
    'sip:a@b:x',
    'sip:a@b:65536',
    'sip:a@b;',
    'sip:a@b;;c',
    'sip:a@b;=c',
    'sip:a@b?',
    'sip:a@b?x=1&',
    'sip:a@b?=1',
    'sip:a%4@b',
    'sip:a%zz@b',
    'sip:<a@b>',
    'sip:"a"@b',
    'sip:2001:db8::1',
    'sip:[2001:db8:::1]',
    'sip:[2001:db8::1',
    'sip:[2001:db8::1]5060',
    'sip:a@[1:2:3:4:5:6:7]',
    'sip:a@[1:2:3:4:5:6:7:8:9]',
    'tel:',
    'tel:alice',
    'http://example.org',
  ])('%j is none', (text) => {
    expect(parseUri(text)).toBeUndefined();
  });
});

test.each([
  ['SIP:a', 'sip'],
  ['soap.beep://x', 'soap.beep'],
  ['1a:b', ''],
  [':b', ''],
  ['a b:c', ''],
  ['', ''],
])('scheme of %j', (text, scheme) => {
  expect(uriScheme(text)).toBe(scheme);
});

test.each([
  ['sip:a@b;rh=1;lr', 'rh', 'sip:a@b;lr'],
  ['sip:a;rh=0@b;lr;RH=1?rh=2', 'rh', 'sip:a;rh=0@b;lr?rh=2'],
  ['sip:b', 'rh', 'sip:b'],
])('without its parameter, %s', (text, name, rest) => {
  expect(removeUriParam(text, name)).toBe(rest);
});
