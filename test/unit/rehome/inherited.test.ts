import { describe, expect, test } from '@jest/globals';
import { applyRequest } from '../../../src/dialog/apply.ts';
import type { DialogRecord, LegIndex, OpenRequest } from '../../../src/dialog/record.ts';
import { refusesPeer } from '../../../src/rehome/next.ts';
import { callersInvite, callersRequest, calleesOk, CALLER_VIAS } from '../dialog/call-flow.ts';
import { Conversation } from '../dialog/conversation.ts';
import { ANSWER, OFFER } from '../dialog/sample-record.ts';
import { RehomedCall } from './rehomed-call.ts';

/** A call whose 2xx left, or was about to leave, when its owner died. */
function answeredOnly(offer: string = OFFER): DialogRecord {
  const call = new Conversation();
  call.request(0, callersInvite(offer));
  call.response(1, calleesOk());
  return call.record;
}

function withOpen(from: LegIndex, change: Partial<OpenRequest> = {}): DialogRecord {
  const call = new Conversation();
  call.request(0, callersInvite());
  call.response(1, calleesOk());
  call.request(0, callersRequest('ACK', 102));
  call.record.open.push({
    method: 'INVITE',
    from,
    cseqIn: 103,
    cseqOut: 105,
    branchOut: 'z9hG4bKdead',
    vias: ['SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKopen;received=192.0.2.10;rport=5062'],
    recordRoutes: [],
    peer: { address: '192.0.2.10', port: 5062 },
    offer: OFFER,
    lateOffer: false,
    settled: false,
    answer: '',
    acked: false,
    ...change,
  });
  return call.record;
}

function relayAck(call: RehomedCall, cseq: number, body = ''): void {
  const ack = callersRequest('ACK', cseq, [], body);
  const { peer } = call.record.legs[0];
  applyRequest(call.record, 0, ack, { cseqOut: cseq, branch: 'z9hG4bKack', vias: [], peer });
  call.event({ type: 'acked', leg: 0 });
}

describe('a 2xx without its ACK', () => {
  test('is sent again along its Via with the new Contact, T1 doubling to T2, until 64*T1', () => {
    const call = new RehomedCall(answeredOnly()).begin();
    call.runUntil(40_000);
    const replies = call.replies(0);
    expect(replies.map(({ atMs }) => atMs)).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    const [first] = call.of('reply');
    expect(first?.peer).toEqual({ address: '192.0.2.9', port: 5060 });
    expect(first?.text).toContain(`Via: ${CALLER_VIAS[0] ?? ''}\r\n`);
    expect(first?.text).toContain('@203.0.113.2:5060;rh=');
    expect(first?.text).toContain(ANSWER);
  });

  test('stops at the ACK', () => {
    const call = new RehomedCall(answeredOnly()).begin();
    call.runUntil(600);
    relayAck(call, 102);
    call.runUntil(900);
    call.accept(0);
    call.accept(1);
    call.runUntil(60_000);
    expect(call.replies(0)).toHaveLength(2);
    expect(call.job.state).toBe('done');
  });

  test('the other endpoint gets its ACK at once and then the re-INVITE', () => {
    const call = new RehomedCall(answeredOnly()).begin();
    const [ack] = call.acks(1);
    expect([ack?.cseq, ack?.body, ack?.requestUri]).toEqual([
      102,
      '',
      'sip:bob-phone@192.0.2.20:5071;transport=tcp',
    ]);
    expect(call.requests(1, 'INVITE')).toHaveLength(1);
  });

  test('the leg is asked itself when the ACK has come', () => {
    const call = new RehomedCall(answeredOnly()).begin();
    expect(call.requests(0, 'INVITE')).toEqual([]);
    call.runUntil(300);
    relayAck(call, 102);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
  });

  test('or a second after the first repeat, since the ACK may have gone to the dead pod', () => {
    const call = new RehomedCall(answeredOnly()).begin();
    call.runUntil(999);
    expect(call.requests(0, 'INVITE')).toEqual([]);
    call.runUntil(1_000);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    call.accept(0);
    call.accept(1);
    call.runUntil(60_000);
    expect(call.replies(0)).toHaveLength(2);
    expect(call.record.open).toMatchObject([{ acked: true, answer: '' }]);
    expect(call.job.state).toBe('done');
  });

  test("a request of the endpoint's own at this pod ends the repeating", () => {
    const call = new RehomedCall(answeredOnly()).begin();
    call.runUntil(100);
    call.event({ type: 'proved', leg: 0 });
    call.runUntil(60_000);
    expect(call.replies(0)).toHaveLength(1);
    expect(call.requests(0, 'INVITE')).toEqual([]);
  });

  test("repeats of the other endpoint's 2xx that reach this pod are acknowledged", () => {
    const call = new RehomedCall(answeredOnly()).begin();
    const again = call.response(1, '200 OK', { cseq: '102 INVITE', body: ANSWER });
    call.event({ type: 'response', leg: 1, message: again, othersReached: true });
    expect(call.acks(1).map(({ cseq }) => cseq)).toEqual([102, 102]);
  });
});

describe('a 2xx with a late offer, whose answer is still due', () => {
  test('the other endpoint is not acknowledged before the answer is known', () => {
    const call = new RehomedCall(answeredOnly('')).begin();
    call.runUntil(500);
    const again = call.response(1, '200 OK', { cseq: '102 INVITE', body: ANSWER });
    call.event({ type: 'response', leg: 1, message: again, othersReached: true });
    expect(call.acks(1)).toEqual([]);
    expect(call.requests(1, 'INVITE')).toEqual([]);
    relayAck(call, 102, OFFER);
    expect(call.last(1).message.body).toBe(OFFER);
    expect(call.last(0).message.body).toBe(ANSWER);
  });

  test("the endpoint's own INVITE is refused until its ACK has come", () => {
    const call = new RehomedCall(answeredOnly('')).begin();
    expect([refusesPeer(call.job, 0, 'INVITE'), refusesPeer(call.job, 1, 'INVITE')]).toEqual([
      491,
      undefined,
    ]);
  });

  test("without an ACK the offer is made again, and its answer goes into the other one's ACK", () => {
    const call = new RehomedCall(answeredOnly('')).begin();
    call.runUntil(1_000);
    expect(call.last(0).message.body).toBe(ANSWER);
    call.accept(0, OFFER);
    const [ack] = call.acks(1);
    expect([ack?.cseq, ack?.body]).toEqual([102, OFFER]);
    expect(call.last(1).message.body).toBe(OFFER);
    call.accept(1);
    expect(call.job.state).toBe('done');
    const [caller, callee] = call.record.legs;
    expect([caller.sdpSent, caller.sdpReceived]).toEqual([ANSWER, OFFER]);
    expect([callee.sdpSent, callee.sdpReceived]).toEqual([OFFER, ANSWER]);
  });
});

describe('an INVITE without a final response', () => {
  test.each([0, 1] as const)('of leg %i is refused with 491 three times over UDP, once over TCP', (from) => {
    const call = new RehomedCall(withOpen(from)).begin();
    call.runUntil(10_000);
    const replies = call.replies(from);
    expect(replies.map(({ atMs }) => atMs)).toEqual(from === 0 ? [0, 500, 1_500] : [0]);
    expect(replies[0]?.message.status).toBe(491);
    expect(replies[0]?.message.cseq).toBe(103);
    expect(replies[0]?.message.via?.branch).toBe('z9hG4bKopen');
    expect(call.record.open.filter(({ acked }) => !acked)).toEqual([]);
  });

  test('is acknowledged unseen at the other endpoint, which is asked afterwards', () => {
    const call = new RehomedCall(withOpen(0)).begin();
    expect(call.acks(1)).toEqual([]);
    expect(call.requests(1, 'INVITE')).toEqual([]);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    call.runUntil(500);
    const [ack] = call.acks(1);
    expect([ack?.cseq, ack?.body]).toEqual([105, '']);
    expect(call.requests(1, 'INVITE')).toHaveLength(1);
    call.accept(1);
    call.accept(0);
    call.runUntil(60_000);
    expect(call.acks(1).filter(({ cseq }) => cseq === 105)).toHaveLength(1);
    expect(call.job.state).toBe('done');
  });

  test('goes on being acknowledged while the other endpoint is busy with it', () => {
    const call = new RehomedCall(withOpen(0)).begin();
    call.chance = 0.999;
    call.runUntil(500);
    call.answer(1, '491 Request Pending');
    call.runUntil(2_000);
    expect(call.acks(1).length).toBeGreaterThan(1);
    call.runUntil(6_000);
    expect(call.requests(1, 'INVITE')).toHaveLength(2);
  });

  test('with a late offer is acknowledged with what was agreed before', () => {
    const call = new RehomedCall(withOpen(0, { lateOffer: true, offer: '' })).begin();
    call.runUntil(500);
    expect(call.acks(1)[0]?.body).toBe(OFFER);
  });
});

describe('an UPDATE without a final response', () => {
  test('is refused with 491, and nothing is acknowledged', () => {
    const call = new RehomedCall(withOpen(1, { method: 'UPDATE' })).begin();
    const [reply] = call.replies(1);
    expect([reply?.message.status, reply?.message.cseqMethod]).toEqual([491, 'UPDATE']);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    call.accept(0);
    call.accept(1);
    call.runUntil(60_000);
    expect(call.acks(0).every(({ cseq }) => cseq >= 1_000)).toBe(true);
    expect(call.job.state).toBe('done');
  });
});

test('an acknowledged INVITE is nothing to finish', () => {
  const record = answeredOnly();
  const call = new RehomedCall(record);
  relayAck(call, 102);
  const fresh = new RehomedCall(record).begin();
  expect(fresh.of('reply')).toEqual([]);
  expect(fresh.requests(0, 'INVITE')).toHaveLength(1);
});
