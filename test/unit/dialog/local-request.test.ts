import { describe, expect, test } from '@jest/globals';
import { buildCancel } from '../../../src/dialog/cancel.ts';
import { forwardInvite } from '../../../src/dialog/forward-request.ts';
import { buildLegRequest } from '../../../src/dialog/local-request.ts';
import { buildLegResponse, repeatAnswer } from '../../../src/dialog/local-response.ts';
import { H } from '../../../src/sip/index.ts';
import { calleesOk, callersInvite, parsed, ringingCall, TO_CALLEE, TO_CALLER } from './call-flow.ts';
import { Conversation } from './conversation.ts';
import { ANSWER, SAMPLE_ID, sampleRecord, sampleWithOpenInvite } from './sample-record.ts';

describe("a re-INVITE of the pod's own (facts 3.7)", () => {
  test('to the caller, byte for byte', () => {
    const text = buildLegRequest(sampleRecord(), 0, {
      method: 'INVITE',
      hop: TO_CALLER,
      cseq: 1_000,
      sdp: ANSWER,
    });
    expect(text).toBe(
      [
        'INVITE sip:alice@192.0.2.10:5062;ob SIP/2.0',
        'Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKpod-caller;rport',
        'Max-Forwards: 70',
        'Route: <sip:edge.example.com;lr>',
        'Route: <sip:core.example.com;lr>',
        'From: "Bob" <sip:bob@example.com>;tag=bob-tag',
        'To: "Alice" <sip:alice@example.com>;tag=alice-tag',
        'Call-ID: call-1@192.0.2.10',
        'CSeq: 1000 INVITE',
        `Contact: <sip:bob@203.0.113.1:5060;rh=${SAMPLE_ID}b>`,
        'Allow: INVITE, ACK, BYE',
        'Session-Expires: 1800;refresher=uas',
        'Content-Type: application/sdp',
        `Content-Length: ${String(ANSWER.length)}`,
        '',
        ANSWER,
      ].join('\r\n'),
    );
  });

  test('to the callee, byte for byte', () => {
    const record = sampleRecord();
    const text = buildLegRequest(record, 1, {
      method: 'INVITE',
      hop: TO_CALLEE,
      cseq: 1_102,
      sdp: record.legs[1].sdpSent,
    });
    expect(text).toBe(
      [
        'INVITE sip:bob@192.0.2.20:5070;transport=tcp SIP/2.0',
        'Via: SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKpod-callee;rport',
        'Max-Forwards: 70',
        'From: "Alice" <sip:alice@example.com>;tag=alice-tag',
        'To: "Bob" <sip:bob@example.com>;tag=bob-tag',
        'Call-ID: call-1@192.0.2.10',
        'CSeq: 1102 INVITE',
        `Contact: <sip:alice@10.0.0.1:5070;transport=tcp;rh=${SAMPLE_ID}a>`,
        'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE',
        'Supported: timer, replaces',
        'Session-Expires: 1800;refresher=uac',
        'P-Asserted-Identity: <sip:+4930123@example.com>',
        'Content-Type: application/sdp',
        `Content-Length: ${String(record.legs[1].sdpSent.length)}`,
        '',
        record.legs[1].sdpSent,
      ].join('\r\n'),
    );
  });

  test('goes first to a strict router, as its Request-URI (RFC 3261 §12.2.1.1)', () => {
    const record = sampleRecord();
    record.legs[0].routeSet = ['<sip:strict.example.com>', '<sip:core.example.com;lr>'];
    const sent = parsed(buildLegRequest(record, 0, { method: 'UPDATE', hop: TO_CALLER, cseq: 5 }));
    expect(sent.requestUri).toBe('sip:strict.example.com');
    expect(sent.list(H.Route)).toEqual(['<sip:core.example.com;lr>', '<sip:alice@192.0.2.10:5062;ob>']);
  });

  test('keeps IPv6 addresses of target and pod as they are', () => {
    const record = sampleRecord();
    record.legs[0].remoteTarget = 'sip:alice@[2001:db8::10]:5062';
    const hop = { ...TO_CALLER, sentBy: '[2001:db8::1]:5060', contact: '[2001:db8::1]:5060' };
    const text = buildLegRequest(record, 0, { method: 'INVITE', hop, cseq: 5, sdp: ANSWER });
    expect(text).toContain(
      'INVITE sip:alice@[2001:db8::10]:5062 SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5060;',
    );
    expect(text).toContain(`Contact: <sip:bob@[2001:db8::1]:5060;rh=${SAMPLE_ID}b>`);
    expect(text.endsWith(ANSWER)).toBe(true);
  });

  test('without a Contact user, a session timer or abilities has none of their headers', () => {
    const record = sampleRecord();
    Object.assign(record.legs[0], { contactUser: '', session: undefined });
    Object.assign(record.legs[1], { allow: '' });
    const sent = parsed(buildLegRequest(record, 0, { method: 'UPDATE', hop: TO_CALLER, cseq: 5 }));
    expect(sent.all(H.Contact)).toEqual([`<sip:203.0.113.1:5060;rh=${SAMPLE_ID}b>`]);
    expect([sent.get(H.Allow), sent.get(H.Supported), sent.get(H.SessionExpires)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([sent.get(H.ContentType), sent.body]).toEqual([undefined, '']);
  });
});

describe("other requests of the pod's own", () => {
  test.each(['ACK', 'BYE', 'PRACK'] as const)('%s has no Contact and no session timer', (method) => {
    const sent = parsed(
      buildLegRequest(sampleRecord(), 1, {
        method,
        hop: TO_CALLEE,
        cseq: 5,
        extraHeaders: [[H.Reason, 'SIP;cause=481']],
      }),
    );
    expect([sent.get(H.Contact), sent.get(H.SessionExpires), sent.get(H.Allow)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(sent.get(H.Reason)).toBe('SIP;cause=481');
    expect([sent.cseq, sent.cseqMethod]).toEqual([5, method]);
  });

  test("a CANCEL is its INVITE's in all that matters (RFC 3261 §9.1)", () => {
    const invite = parsed(forwardInvite(ringingCall(), callersInvite(), TO_CALLEE).text);
    const cancel = parsed(buildCancel(invite, ['SIP;cause=200;text="Call completed elsewhere"']));
    expect(cancel.requestUri).toBe(invite.requestUri);
    expect(cancel.list(H.Via)).toEqual(invite.list(H.Via));
    expect([cancel.from, cancel.to, cancel.callId, cancel.cseq]).toEqual([
      invite.from,
      invite.to,
      invite.callId,
      invite.cseq,
    ]);
    expect(cancel.cseqMethod).toBe('CANCEL');
    expect(cancel.all(H.Reason)).toEqual(['SIP;cause=200;text="Call completed elsewhere"']);
  });
});

describe("a response of the pod's own", () => {
  test('to an inherited request, byte for byte', () => {
    const record = sampleWithOpenInvite();
    const [open] = record.open;
    if (open === undefined) throw new Error('no open request');
    expect(buildLegResponse(record, open, { status: 491, reason: 'Request Pending' })).toBe(
      [
        'SIP/2.0 491 Request Pending',
        ...open.vias.map((via) => `Via: ${via}`),
        'From: "Alice" <sip:alice@example.com>;tag=alice-tag',
        'To: "Bob" <sip:bob@example.com>;tag=bob-tag',
        'Call-ID: call-1@192.0.2.10',
        'CSeq: 103 INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('an inherited 2xx is repeated as it was, but for the Contact', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    const ok = call.response(1, calleesOk());
    const [open] = call.record.open;
    if (open === undefined) throw new Error('no open request');
    const hop = { ...TO_CALLER, contact: '203.0.113.2:5060' };
    const repeated = repeatAnswer(call.record, open, hop);
    expect(repeated).toBe(ok.text.replace('203.0.113.1:5060;rh', '203.0.113.2:5060;rh'));
    expect(repeated).toContain('203.0.113.2');
  });
});
