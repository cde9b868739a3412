import { describe, expect, test } from '@jest/globals';
import { H, validateRequest, type RequestRules, type Verdict } from '../../../src/sip/index.ts';
import { message } from './sample-message.ts';

const SOUND = [
  'INVITE sip:bob@biloxi.example SIP/2.0',
  'Via: SIP/2.0/UDP h;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'To: <sip:bob@biloxi.example>',
  'From: <sip:alice@atlanta.example>;tag=1',
  'Call-ID: c',
  'CSeq: 1 INVITE',
];

/** The verdict on a sound INVITE in which the lines that begin like these stand instead. */
function verdictWith(changed: readonly string[], rules: RequestRules = {}, body = ''): Verdict {
  const lines = [...SOUND];
  for (const line of changed) {
    const name = line.slice(0, Math.max(line.indexOf(':'), 0));
    const known = lines.findIndex((other) => name !== '' && other.startsWith(`${name}:`));
    if (known < 0) lines.push(line);
    else lines[known] = line;
  }
  return validateRequest(message(lines, body), rules);
}

function refusal(status: number, reason: string, headers: [number, string][] = []): unknown {
  return { ok: false, status, reason, headers };
}

test('a sound request is accepted', () => {
  expect(verdictWith([])).toEqual({ ok: true });
});

test.each([
  ['Via: SIP/2.0/UDP h;;', 'Malformed Via'],
  ['Via: SIP/2.0/UDP h;branch=z9hG4bK1, nonsense', 'Malformed Via'],
  ['Via:', 'Malformed Via'],
  ['From: nobody', 'Malformed From'],
  ['From: <sip:alice@[:::1]>;tag=1', 'Malformed From'],
  ['To: "x <sip:a@b>', 'Malformed To'],
  ['Call-ID: a b', 'Malformed Call-ID'],
  ['Call-ID:', 'Malformed Call-ID'],
  ['CSeq: x INVITE', 'Malformed CSeq'],
  ['CSeq: 1 BYE', 'CSeq Method Mismatch'],
  ['Contact: *', 'Malformed Contact'],
  ['Contact:', 'Malformed Contact'],
  ['Route: <sip:a@>', 'Malformed Route'],
  ['Record-Route: x', 'Malformed Record-Route'],
  ['Max-Forwards: 256', 'Malformed Max-Forwards'],
  ['Max-Forwards: many', 'Malformed Max-Forwards'],
  ['Content-Length: -1', 'Malformed Content-Length'],
  ['Content-Length: 1', 'Body Shorter Than Content-Length'],
  ['Date: Sat, 13 Nov 2010 23:29:00 EST', 'Malformed Date'],
  ['f: <sip:x@y>;tag=2', 'More Than One From'],
  ['no colon', 'Malformed Header Line'],
  ['Subject: a\rb', 'Bare Carriage Return'],
])('400 for %j', (line, reason) => {
  expect(verdictWith([line])).toEqual(refusal(400, reason));
});

test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('400 without %s', (name) => {
  const lines = SOUND.filter((line) => !line.startsWith(`${name}:`));
  expect(validateRequest(message(lines))).toEqual(refusal(400, `Missing ${name}`));
});

test.each([
  ['INVITE sip:a@b SIP/7.0', 505, 'Version Not Supported'],
  ['INVITE sip:a@b SIP/x', 400, 'Malformed SIP-Version'],
  ['INVITE sip:a@b?x=y SIP/2.0', 400, 'Malformed Request-URI'],
  ['INVITE noscheme SIP/2.0', 400, 'Malformed Request-URI'],
  ['INVITE urn:a<b SIP/2.0', 400, 'Malformed Request-URI'],
  ['INV(TE sip:a@b SIP/2.0', 400, 'Malformed Method'],
  ['INVITE urn:service:sos SIP/2.0', 416, 'Unsupported URI Scheme'],
])('%s', (line, status, reason) => {
  expect(validateRequest(message([line, ...SOUND.slice(1)]))).toEqual(refusal(status, reason));
});

describe('the rules', () => {
  test('schemes', () => {
    const lines = ['INVITE urn:service:sos SIP/2.0', ...SOUND.slice(1)];
    expect(validateRequest(message(lines), { schemes: ['urn'] }).ok).toBe(true);
    expect(verdictWith([], { schemes: ['sips'] })).toEqual(refusal(416, 'Unsupported URI Scheme'));
  });

  test('hops: a request that goes no further needs none', () => {
    expect(verdictWith(['Max-Forwards: 0'])).toEqual(refusal(483, 'Too Many Hops'));
    expect(verdictWith(['Max-Forwards: 0'], { isRelayed: false }).ok).toBe(true);
    expect(validateRequest(message(SOUND.filter((line) => !line.startsWith('Max-')))).ok).toBe(true);
  });

  test('methods', () => {
    const rules = { methods: ['ACK', 'BYE'] };
    expect(verdictWith([], rules)).toEqual(refusal(405, 'Method Not Allowed', [[H.Allow, 'ACK, BYE']]));
    expect(verdictWith([], { methods: ['INVITE'] }).ok).toBe(true);
  });

  test('extensions: what is not supported is named, and only that', () => {
    const lines = ['Require: 100rel, x', 'Proxy-Require: y'];
    const rules = { extensions: ['100rel'] };
    expect(verdictWith(lines, rules)).toEqual(refusal(420, 'Bad Extension', [[H.Unsupported, 'x, y']]));
    expect(verdictWith(['Require: 100REL'], rules).ok).toBe(true);
    expect(verdictWith(lines).ok).toBe(true);
  });

  test.each(['ACK', 'CANCEL'])('extensions: %s is not refused', (method) => {
    const lines = [`${method} sip:a SIP/2.0`, ...SOUND.slice(1, -1), `CSeq: 1 ${method}`, 'Require: x'];
    expect(validateRequest(message(lines), { extensions: [] }).ok).toBe(true);
  });

  test('content types and encodings', () => {
    const rules = { contentTypes: ['application/sdp'] };
    expect(verdictWith(['Content-Type: text/plain'], rules, 'x')).toEqual(
      refusal(415, 'Unsupported Media Type', [[H.Accept, 'application/sdp']]),
    );
    expect(verdictWith(['Content-Type: application/sdp', 'e: gzip'], rules, 'x')).toEqual(
      refusal(415, 'Unsupported Media Type', [[H.AcceptEncoding, 'identity']]),
    );
    expect(verdictWith(['Content-Type: Application / SDP;charset=x', 'e: identity'], rules, 'x').ok).toBe(
      true,
    );
    expect(verdictWith(['Content-Type: text/plain'], rules).ok).toBe(true);
  });

  test.each([
    ['application/sdp', true],
    ['text/*, application/*;q=0.5', true],
    ['*/*', true],
    ['text/plain', false],
    ['application/sd', false],
    ['', false],
  ])('answer types against Accept: %s', (accept, ok) => {
    expect(verdictWith([`Accept: ${accept}`], { answerTypes: ['application/sdp'] }).ok).toBe(ok);
  });

  test('size', () => {
    expect(verdictWith([], { maxBytes: 100 })).toEqual(refusal(513, 'Message Too Large'));
    expect(verdictWith([], { maxBytes: 1_000 }).ok).toBe(true);
  });
});
