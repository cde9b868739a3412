import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { answerDigest, parseDigestChallenge, type DigestHashes } from '../../../src/sip/index.ts';

const HASHES: DigestHashes = {
  MD5: (text) => hash('md5', text),
  'SHA-256': (text) => hash('sha256', text),
};

/** RFC 7616 §3.9.1. */
const NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const MUFASA = {
  username: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  nonceCount: 1,
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};

function challengeOf(parameters: string): NonNullable<ReturnType<typeof parseDigestChallenge>> {
  const challenge = parseDigestChallenge(
    `Digest realm="http-auth@example.org", nonce="${NONCE}", ${parameters}`,
  );
  if (challenge === undefined) throw new Error('cannot be answered');
  return challenge;
}

describe('an answer to a challenge', () => {
  it.each([
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ])('is that of RFC 7616 with %s', (algorithm, response) => {
    const challenge = challengeOf(
      `qop="auth, auth-int", algorithm=${algorithm}, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
    );
    const answer = answerDigest(challenge, MUFASA, HASHES);
    expect(answer).toContain(`response="${response}"`);
    expect(answer).toMatch(/^Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/);
    expect(answer).toContain(
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, cnonce="f2/',
    );
  });

  it('says nothing of nonce counts where the server knows none (RFC 2069)', () => {
    const challenge = challengeOf('stale=TRUE');
    const answer = answerDigest(challenge, MUFASA, HASHES);
    const secret = HASHES.MD5('Mufasa:http-auth@example.org:Circle of Life');
    expect(answer).toContain(
      `response="${HASHES.MD5(`${secret}:${NONCE}:${HASHES.MD5('GET:/dir/index.html')}`)}"`,
    );
    expect(answer).not.toMatch(/qop|nc=|cnonce/);
    expect(challenge.stale).toBe(true);
  });

  it('counts in eight hex digits and quotes what it repeats', () => {
    const challenge = parseDigestChallenge('digest nonce="a\\"b",realm="x, y",qop=auth');
    if (challenge === undefined) throw new Error('cannot be answered');
    const answer = answerDigest(challenge, { ...MUFASA, nonceCount: 26 }, HASHES);
    expect(answer).toContain('nc=0000001a');
    expect(answer).toContain('realm="x, y", nonce="a\\"b"');
  });
});

it.each([
  'Basic realm="x"',
  'Digest realm="x"',
  'Digest nonce="x"',
  'Digest realm="x", nonce="y", algorithm=SHA-512-256',
  'Digest realm="x", nonce="y", qop="auth-int"',
  'Digestrealm="x", nonce="y"',
  '',
])('%j cannot be answered', (value) => {
  expect(parseDigestChallenge(value)).toBeUndefined();
});
