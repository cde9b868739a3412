import { expect, test } from '@jest/globals';
import { validateResponse } from '../../../src/sip/index.ts';
import { message } from './sample-message.ts';

const SOUND = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP h;branch=z9hG4bK1',
  'To: <sip:bob@biloxi.example>;tag=2',
  'From: <sip:alice@atlanta.example>;tag=1',
  'Call-ID: c',
  'CSeq: 1 INVITE',
];

test('a sound response is accepted', () => {
  expect(validateResponse(message(SOUND), { isUserAgent: true })).toEqual({ ok: true });
});

test.each([
  [['SIP/3.0 200 OK', ...SOUND.slice(1)], 'Version Not Supported'],
  [SOUND.slice(0, -1), 'Missing CSeq'],
  [[...SOUND, 'Via: SIP/2.0/UDP 255.255.255.255'], 'Via Names A Group Address'],
  [[...SOUND, 'Contact: <sip:a@b>;;'], 'Malformed Contact'],
  [[...SOUND, 'Call-ID: d'], 'More Than One Call-ID'],
])('a response is dropped (%#)', (lines, reason) => {
  expect(validateResponse(message(lines))).toEqual({ ok: false, reason });
});

test('only a user agent drops a response with more than one Via', () => {
  const response = message([...SOUND, 'Via: SIP/2.0/UDP 192.0.2.1']);
  expect(validateResponse(response).ok).toBe(true);
  expect(validateResponse(response, { isUserAgent: true })).toEqual({
    ok: false,
    reason: 'More Than One Via',
  });
});
