import { describe, expect, test } from '@jest/globals';
import { buildRequest, buildResponse, H } from '../../../src/sip/index.ts';
import { INVITE_TEXT, message, read } from './sample-message.ts';

describe('buildRequest', () => {
  test('writes the headers in their order, then type and length of the body', () => {
    const text = buildRequest({
      method: 'INFO',
      uri: 'sip:a@b',
      headers: [
        [H.Via, 'v'],
        [H.CallId, '1'],
        ['X-Own', 'y'],
      ],
      body: { type: 'text/plain', text: 'hi' },
    });
    expect(text).toBe(
      'INFO sip:a@b SIP/2.0\r\nVia: v\r\nCall-ID: 1\r\nX-Own: y\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi',
    );
  });

  test('without a body has length 0 and no type', () => {
    expect(buildRequest({ method: 'BYE', uri: 'sip:a', headers: [] })).toBe(
      'BYE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n',
    );
  });

  test('no value adds a line', () => {
    const text = buildRequest({ method: 'BYE', uri: 'sip:a\r\nX: 1', headers: [['X\r\nY', 'a\r\nZ: 1']] });
    expect(text).toBe('BYE sip:a X: 1 SIP/2.0\r\nX Y: a Z: 1\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('buildResponse', () => {
  const request = message([
    'INVITE sip:a SIP/2.0',
    'v: SIP/2.0/UDP h1;branch=z9hG4bK1, SIP/2.0/UDP h2;branch=z9hG4bK2',
    'Record-Route: <sip:r1;lr>',
    'Via: SIP/2.0/UDP h3;branch=z9hG4bK3',
    'f: <sip:c@d>;tag=1',
    't: <sip:a>',
    'i: call',
    'CSeq: 0007   INVITE',
    'Record-Route: <sip:r2;lr>',
    'Timestamp: 54.2',
  ]);
  const COPIED = [
    'Via: SIP/2.0/UDP h1;branch=z9hG4bK1, SIP/2.0/UDP h2;branch=z9hG4bK2',
    'Via: SIP/2.0/UDP h3;branch=z9hG4bK3',
  ];

  test('copies what RFC 3261 §8.2.6 says', () => {
    expect(buildResponse(request, 486).split('\r\n')).toEqual([
      'SIP/2.0 486 Busy Here',
      ...COPIED,
      'From: <sip:c@d>;tag=1',
      'To: <sip:a>',
      'Call-ID: call',
      'CSeq: 0007   INVITE',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('gives To a tag unless it has one', () => {
    expect(read(buildResponse(request, 180, { toTag: 'x' })).toTag).toBe('x');
    const inDialog = read(
      INVITE_TEXT.replace('TO: Bob <sip:bob@biloxi.example>', 'To: <sip:bob@biloxi.example>;tag=own'),
    );
    expect(read(buildResponse(inDialog, 200, { toTag: 'x' })).toTag).toBe('own');
  });

  test('copies Record-Route where asked, and Timestamp into a 100', () => {
    expect(read(buildResponse(request, 200, { recordRoute: true })).list(H.RecordRoute)).toEqual([
      '<sip:r1;lr>',
      '<sip:r2;lr>',
    ]);
    expect(read(buildResponse(request, 100)).get(H.Timestamp)).toBe('54.2');
    expect(read(buildResponse(request, 180)).get(H.Timestamp)).toBeUndefined();
  });

  test('takes a reason, headers and a body', () => {
    const response = read(
      buildResponse(request, 499, {
        reason: 'Own',
        headers: [[H.RetryAfter, '5']],
        body: { type: 'text/plain', text: 'hi' },
      }),
    );
    expect([
      response.status,
      response.reason,
      response.get(H.RetryAfter),
      response.contentType,
      response.body,
    ]).toEqual([499, 'Own', '5', 'text/plain', 'hi']);
    expect(read(buildResponse(request, 499)).reason).toBe('');
  });

  test('answers a request that lacks what is to be copied', () => {
    expect(buildResponse(message(['X sip:a SIP/2.0']), 400)).toBe(
      'SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
    );
  });
});
