import { describe, expect, test } from '@jest/globals';
import { headerParam, withoutParam, withParam } from '../../../src/sip/index.ts';
import { parseParameters } from '../../../src/sip/parameters.ts';

describe('parseParameters', () => {
  test('reads names in any case, values without quotes, and parameters without a value', () => {
    const params = parseParameters(' ;Tag = a1 ; q="0;\\"5" ;lr;ttl=1', 0);
    expect(params?.entries()).toEqual([
      ['Tag', 'a1'],
      ['q', '0;"5'],
      ['lr', ''],
      ['ttl', '1'],
    ]);
    expect([params?.get('tag'), params?.get('LR'), params?.get('absent'), params?.has('ttl')]).toEqual([
      'a1',
      '',
      undefined,
      true,
    ]);
  });

  test.each([
    ';',
    ';;a',
    ';a;',
    ';a=',
    ';=b',
    ';a=;b',
    'a',
    ';a b',
    ';a=b c',
    ';a="b',
    ';a="b"c',
    ';a,b',
    ';a=<b>',
  ])('%j is malformed', (text) => {
    expect(parseParameters(text, 0)).toBeUndefined();
  });

  test('nothing is no parameters', () => {
    expect(parseParameters('x  ', 1)?.entries()).toEqual([]);
  });
});

describe('a header parameter', () => {
  test.each([
    ['<sip:a@b;tag=uri>;tag=header', 'header'],
    ['sip:a@b;tag=header', 'header'],
    ['"x;tag=name" <sip:a@b>;tag=header', 'header'],
    ['"x\\";tag=name<" <sip:a@b>;x=y;TAG = header', 'header'],
    ['<sip:a@b>;xtag=1;tag=header;tag=second', 'header'],
    ['<sip:a@b;tag=uri>', undefined],
    ['<sip:a@b>;tagged=1', undefined],
    ['', undefined],
    ['<sip:a@b', undefined],
  ])('of %j', (value, tag) => {
    expect(headerParam(value, 'tag')).toBe(tag);
  });

  test('is set in place, or at the end', () => {
    expect(withParam('<sip:a@b>;tag=1;x', 'tag', '2')).toBe('<sip:a@b>;tag=2;x');
    expect(withParam('<sip:a@b;tag=1>', 'tag', '2')).toBe('<sip:a@b;tag=1>;tag=2');
    expect(withParam('SIP/2.0/UDP h;rport;branch=b', 'rport', '5060')).toBe(
      'SIP/2.0/UDP h;rport=5060;branch=b',
    );
    expect(withParam('sip:a@b', 'lr', '')).toBe('sip:a@b;lr');
  });

  test('is taken out, each time that it occurs, and nothing else with it', () => {
    expect(withoutParam('"A;tag=0" <sip:a@b;tag=1> ; tag = 2 ;x="tag=3";tag=4', 'tag')).toBe(
      '"A;tag=0" <sip:a@b;tag=1>;x="tag=3"',
    );
    expect(withoutParam('sip:a@b', 'tag')).toBe('sip:a@b');
    expect(withoutParam('\r\n;tag=1;tag=2', 'tag')).toBe('');
  });
});
