import { describe, expect, test } from '@jest/globals';
import { applyAck, applyNoResponse } from '../../../src/dialog/apply.ts';
import { isBusy } from '../../../src/dialog/open-request.ts';
import {
  calleesOk,
  calleesRequest,
  calleesResponse,
  CALLEES_CONTACT,
  CALLER_VIAS,
  callersInvite,
  callersRequest,
} from './call-flow.ts';
import { answeredCall, Conversation } from './conversation.ts';
import { ANSWER, OFFER } from './sample-record.ts';

const CALLERS_CONTACT = ['Contact: <sip:alice@192.0.2.11:5062>'];
const HOLD = OFFER.replace('1 1 IN', '1 2 IN') + 'a=sendonly\r\n';
const HELD = ANSWER.replace('7 7 IN', '7 8 IN') + 'a=recvonly\r\n';

describe('setting up', () => {
  test('an early offer is committed by the 2xx, which has to be protected', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    expect(call.record.legs[0].sdpReceived).toBe('');
    call.nowMs = 5_000;
    const ok = call.response(1, calleesOk());
    expect(call.applied).toEqual({ changed: true, completesOfferAnswer: true, ends: false });
    const [caller, callee] = call.record.legs;
    expect([caller.sdpReceived, caller.sdpSent]).toEqual([OFFER, ANSWER]);
    expect([callee.sdpSent, callee.sdpReceived]).toEqual([OFFER, ANSWER]);
    expect([call.record.state, call.record.answeredMs]).toEqual(['confirmed', 5_000]);
    expect(call.record.open).toHaveLength(1);
    expect(call.record.open[0]).toMatchObject({
      answer: ok.text,
      vias: CALLER_VIAS,
      cseqIn: 102,
      acked: false,
    });
    expect([callee.allow, callee.userAgent, caller.userAgent]).toEqual([
      'INVITE, ACK, BYE',
      'Bob/2',
      'Alice Phone 1.0',
    ]);
  });

  test('the ACK finishes the INVITE and strips it to its numbers', () => {
    const call = answeredCall();
    expect(call.applied).toEqual({ changed: true, completesOfferAnswer: false, ends: false });
    expect(call.record.open).toEqual([
      expect.objectContaining({ cseqIn: 102, cseqOut: 102, acked: true, answer: '', vias: [], offer: '' }),
    ]);
    expect(isBusy(call.record)).toBe(false);
  });

  test('repeats of the 2xx and of the ACK change nothing', () => {
    const call = answeredCall();
    const { version } = call.record;
    call.response(1, calleesOk());
    call.request(0, callersRequest('ACK', 102));
    expect(call.record.version).toBe(version);
    expect(call.applied.changed).toBe(false);
  });

  test('a late offer is committed by the ACK, which has to be protected', () => {
    const call = new Conversation();
    call.request(0, callersInvite(''));
    call.response(1, calleesOk(ANSWER));
    expect(call.record.open[0]).toMatchObject({ lateOffer: true, offer: ANSWER, settled: false });
    expect(call.record.legs[0].sdpSent).toBe('');
    call.request(0, callersRequest('ACK', 102, [], OFFER));
    expect(call.applied.completesOfferAnswer).toBe(true);
    const [caller, callee] = call.record.legs;
    expect([callee.sdpReceived, callee.sdpSent]).toEqual([ANSWER, OFFER]);
    expect([caller.sdpSent, caller.sdpReceived]).toEqual([ANSWER, OFFER]);
  });

  test('an answer in a reliable provisional response counts, that of an unreliable one does not', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    call.response(1, calleesResponse('183 Progress', [], { body: HELD }));
    expect(call.record.legs[1].sdpReceived).toBe('');
    call.response(1, calleesResponse('183 Progress', ['RSeq: 1', 'Require: 100rel'], { body: ANSWER }));
    expect(call.record.legs[1].sdpReceived).toBe(ANSWER);
    call.response(1, calleesOk(ANSWER));
    expect(call.record.legs[1].sdpReceived).toBe(ANSWER);
  });

  test('a late offer in a reliable provisional response is answered by the PRACK', () => {
    const call = new Conversation();
    call.request(0, callersInvite(''));
    call.response(1, calleesResponse('183 Progress', ['RSeq: 1', 'Require: 100rel'], { body: ANSWER }));
    call.request(0, callersRequest('PRACK', 103, ['RAck: 1 102 INVITE'], OFFER));
    expect(call.applied.completesOfferAnswer).toBe(true);
    expect(call.record.legs[1].sdpSent).toBe(OFFER);
    call.response(1, calleesResponse('200 OK', CALLEES_CONTACT));
    call.request(0, callersRequest('ACK', 102));
    expect(call.applied.completesOfferAnswer).toBe(false);
  });

  test('an offer in a PRACK is committed by its 2xx', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    call.response(1, calleesResponse('183 Progress', ['RSeq: 1', 'Require: 100rel'], { body: ANSWER }));
    const prack = call.request(0, callersRequest('PRACK', 103, ['RAck: 1 102 INVITE'], HOLD));
    call.response(1, calleesResponse('200 OK', [], { cseq: `${String(prack.cseq)} PRACK`, body: HELD }));
    expect(call.applied.completesOfferAnswer).toBe(true);
    expect(call.record.legs[1].sdpReceived).toBe(HELD);
  });

  test('a refusal ends the call', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    call.response(1, calleesResponse('486 Busy Here'));
    expect(call.applied.ends).toBe(true);
    expect(call.record).toMatchObject({ state: 'ended', open: [] });
  });
});

describe('changing', () => {
  test('a re-INVITE moves targets and descriptions when it is answered, not before', () => {
    const call = answeredCall();
    const sent = call.request(0, callersRequest('INVITE', 103, CALLERS_CONTACT, HOLD));
    expect(call.applied).toEqual({ changed: true, completesOfferAnswer: false, ends: false });
    expect(call.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.10:5062;ob');
    expect(call.record.open).toHaveLength(1);
    expect(isBusy(call.record)).toBe(true);
    const moved = ['Contact: <sip:bob-phone@192.0.2.21:5071>'];
    call.response(1, calleesResponse('200 OK', moved, { cseq: `${String(sent.cseq)} INVITE`, body: HELD }));
    expect(call.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.11:5062');
    expect(call.record.legs[1].remoteTarget).toBe('sip:bob-phone@192.0.2.21:5071');
    expect(call.record.legs[0].sdpSent).toBe(HELD);
  });

  test.each([488, 491, 500, 408])('a re-INVITE refused with %i leaves the session as it was', (status) => {
    const call = answeredCall();
    const sent = call.request(1, calleesRequest('INVITE', 1, ['Contact: <sip:bob@192.0.2.99>'], HOLD));
    const before = structuredClone(call.record.legs);
    call.response(
      0,
      calleesResponse(`${String(status)} No`, CALLERS_CONTACT, { cseq: `${String(sent.cseq)} INVITE` }),
    );
    expect(call.record.legs).toEqual(before);
    expect(call.record.open.filter(({ from }) => from === 1)).toEqual([]);
    expect(call.applied).toMatchObject({ ends: false, changed: true });
  });

  test('a re-INVITE answered 481 ends the call', () => {
    const call = answeredCall();
    const sent = call.request(0, callersRequest('INVITE', 103, CALLERS_CONTACT, HOLD));
    call.response(1, calleesResponse('481 Gone', [], { cseq: `${String(sent.cseq)} INVITE` }));
    expect(call.applied.ends).toBe(true);
  });

  test('an UPDATE moves targets, description and session timer', () => {
    const call = answeredCall();
    call.nowMs = 9_000;
    const sent = call.request(1, calleesRequest('UPDATE', 1, ['Contact: <sip:bob@192.0.2.99>'], HOLD));
    expect(call.record.open.some(({ method }) => method === 'UPDATE')).toBe(true);
    const extra = [...CALLERS_CONTACT, 'Session-Expires: 600;refresher=uas'];
    call.response(0, calleesResponse('200 OK', extra, { cseq: `${String(sent.cseq)} UPDATE`, body: HELD }));
    const [caller, callee] = call.record.legs;
    expect([caller.remoteTarget, callee.remoteTarget]).toEqual([
      'sip:alice@192.0.2.11:5062',
      'sip:bob@192.0.2.99',
    ]);
    expect([callee.sdpReceived, callee.sdpSent]).toEqual([HOLD, HELD]);
    expect(caller.session).toEqual({ intervalSeconds: 600, refresher: 'endpoint', refreshedAtMs: 9_000 });
    expect(callee.session).toEqual({ intervalSeconds: 600, refresher: 'pod', refreshedAtMs: 9_000 });
    expect(call.record.open.some(({ method }) => method === 'UPDATE')).toBe(false);
    expect(call.applied.completesOfferAnswer).toBe(true);
  });

  test('a 2xx without a session timer ends the old one', () => {
    const call = answeredCall();
    call.record.legs[0].session = { intervalSeconds: 90, refresher: 'pod', refreshedAtMs: 0 };
    const sent = call.request(0, callersRequest('INVITE', 103, CALLERS_CONTACT, HOLD));
    call.response(1, calleesResponse('200 OK', [], { cseq: `${String(sent.cseq)} INVITE`, body: HELD }));
    expect(call.record.legs[0].session).toBeUndefined();
  });

  test('requests keep CSeq and flow up to date', () => {
    const call = answeredCall();
    call.record.legs[1].peer = { address: '192.0.2.20', port: 40_000 };
    call.request(1, calleesRequest('INFO', 7));
    expect(call.record.legs[1].remoteCSeq).toBe(7);
    expect(call.applied).toEqual({ changed: true, completesOfferAnswer: false, ends: false });
  });

  test('an INVITE or UPDATE that nobody answers is not open any more', () => {
    const call = answeredCall();
    for (const [method, cseq] of [
      ['INVITE', 103],
      ['UPDATE', 104],
    ] as const) {
      const request = callersRequest(method, cseq, CALLERS_CONTACT, HOLD);
      call.request(0, request);
      expect(isBusy(call.record)).toBe(true);
      expect(applyNoResponse(call.record, 0, request).changed).toBe(true);
      expect(isBusy(call.record)).toBe(false);
    }
    expect(call.record.legs[1].sdpSent).toBe(OFFER);
    expect(applyNoResponse(call.record, 0, callersRequest('INFO', 105)).changed).toBe(false);
  });

  test('an INVITE that was answered stays open for its ACK', () => {
    const call = new Conversation();
    call.request(0, callersInvite());
    call.response(1, calleesOk());
    expect(applyNoResponse(call.record, 0, callersInvite()).changed).toBe(false);
    expect(call.record.open).toHaveLength(1);
  });

  test('an ACK for nothing changes nothing', () => {
    const call = answeredCall();
    expect(applyAck(call.record, 0, callersRequest('ACK', 99)).changed).toBe(false);
    expect(applyAck(call.record, 1, calleesRequest('ACK', 102)).changed).toBe(false);
  });
});

describe('ending', () => {
  test.each([
    [200, true],
    [481, true],
    [408, true],
    [503, true],
    [401, false],
    [407, false],
    [100, false],
  ])('a BYE answered %i ends the call: %s', (status, ends) => {
    const call = answeredCall();
    call.request(0, callersRequest('BYE', 103));
    expect(call.applied.ends).toBe(false);
    call.response(1, calleesResponse(`${String(status)} X`, [], { cseq: '103 BYE' }));
    expect(call.applied.ends).toBe(ends);
    expect(call.record.state).toBe(ends ? 'ended' : 'confirmed');
  });
});
