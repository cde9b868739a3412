import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { mintToken, parseToken, tagHash, tokenOfUri, verifyToken } from '../../../src/dialog/token.ts';

const sign = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex');
const id = mintToken(tagHash('edge-07'), '00112233445566778899aabb', sign);

describe('token', () => {
  test('names its tag and its side, in any case of letters', () => {
    expect(parseToken(`${id}a`)).toEqual({ id, side: 'a', tagHash: tagHash('edge-07') });
    expect(parseToken(`${id}B`.toUpperCase())).toEqual({ id, side: 'b', tagHash: tagHash('edge-07') });
  });

  test('is found in a URI, whatever stands around it', () => {
    expect(tokenOfUri(`sip:bob@192.0.2.1:5060;transport=tcp;rh=${id}b`)?.side).toBe('b');
    expect(tokenOfUri(`<SIP:192.0.2.1;RH=${id.toUpperCase()}A;lr>;expires=3`)?.id).toBe(id);
    expect(tokenOfUri(`sip:192.0.2.1;rh=${id}a?Replaces=x`)?.id).toBe(id);
    expect(tokenOfUri('sip:bob@192.0.2.1:5060')).toBeUndefined();
  });

  test.each([
    ['', 'empty'],
    [id, 'no side'],
    [`${id}c`, 'another side'],
    [`2${id.slice(1)}a`, 'another version'],
    [`${id.slice(0, -1)}ga`, 'no hex'],
    [`${id}aa`, 'too long'],
  ])('%s is none: %s', (text) => {
    expect(parseToken(text)).toBeUndefined();
  });

  test('fails its check under another key or with one digit changed', () => {
    expect(verifyToken(id, sign)).toBe(true);
    expect(verifyToken(id, (text) => sign(`${text} `))).toBe(false);
    for (let at = 0; at < id.length; at++) {
      const digit = id[at] === '0' ? '1' : '0';
      expect(verifyToken(id.slice(0, at) + digit + id.slice(at + 1), sign)).toBe(false);
    }
    expect(verifyToken('', sign)).toBe(false);
  });

  test('tags of a cluster have hashes of their own', () => {
    const hashes = Array.from({ length: 1_000 }, (_, tag) => tagHash(`edge-${String(tag)}`));
    expect(new Set(hashes).size).toBe(1_000);
    expect(hashes.every((hash) => /^[0-9a-f]{8}$/.test(hash))).toBe(true);
  });
});
