import { describe, expect, test } from '@jest/globals';
import { H } from '../../../src/sip/index.ts';
import { legsAway } from '../../../src/rehome/job.ts';
import { refusesPeer } from '../../../src/rehome/next.ts';
import { buildLegRequest } from '../../../src/dialog/local-request.ts';
import { openRequest } from '../../../src/dialog/open-request.ts';
import { calleesRequest } from '../dialog/call-flow.ts';
import { ANSWER, OFFER, sampleRecord } from '../dialog/sample-record.ts';
import { NEW_OWNER, RehomedCall } from './rehomed-call.ts';

function moved(): RehomedCall {
  const call = new RehomedCall().begin();
  call.accept(0);
  call.accept(1);
  return call;
}

describe('a call without complications', () => {
  test("both legs are asked at once, with their own last description and the new epoch's CSeq", () => {
    const call = new RehomedCall().begin();
    for (const leg of [0, 1] as const) {
      const [sent, ...more] = call.requests(leg, 'INVITE');
      expect(more).toEqual([]);
      const hop = { ...NEW_OWNER.hops[leg], branch: sent?.branch ?? '' };
      const { sdpSent } = call.record.legs[leg];
      const cseq = leg === 0 ? 1_000 : 1_102;
      expect(sent?.text).toBe(
        buildLegRequest(call.record, leg, { method: 'INVITE', hop, cseq, sdp: sdpSent }),
      );
      expect(sent?.cseq).toBe(cseq);
      expect(sent?.branch).toMatch(/^z9hG4bK[0-9a-f]{24}$/);
    }
    expect(call.last(0).branch).not.toBe(call.last(1).branch);
  });

  test('a 2xx is acknowledged along the Contact that it named, through the route set', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '200 OK', {
      extra: ['Contact: <sip:alice@192.0.2.44:5064>', 'Record-Route: <sip:evil;lr>'],
      body: OFFER,
    });
    const [ack] = call.acks(0);
    expect([ack?.requestUri, ack?.cseq, ack?.cseqMethod, ack?.body]).toEqual([
      'sip:alice@192.0.2.44:5064',
      1_000,
      'ACK',
      '',
    ]);
    expect(ack?.list(H.Route)).toEqual(['<sip:edge.example.com;lr>', '<sip:core.example.com;lr>']);
    expect(ack?.list(H.Via)).toHaveLength(1);
    expect(call.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.44:5064');
    expect(call.record.legs[0].routeSet).toHaveLength(2);
  });

  test('the record travels before the leg counts as home, and says so', () => {
    const call = new RehomedCall().begin();
    const { version } = call.record;
    const types = call.accept(1).map(({ type }) => type);
    expect(types).toEqual(['ack', 'changed', 'home', 'release']);
    expect(call.record.version).toBeGreaterThan(version);
    expect(call.record.legs[1].home).toEqual({ pod: 'edge-1', epoch: 4 });
    expect(call.record.legs[1].standing).toMatchObject({ state: 'settled', status: 0, attempts: 0 });
    expect(legsAway(call.record, NEW_OWNER)).toEqual([0]);
  });

  test('it is done when both are home', () => {
    const call = moved();
    expect([call.job.state, call.job.wakeAtMs, call.inFlight]).toEqual(['done', Infinity, 0]);
    expect(call.of('done')).toHaveLength(1);
    expect(legsAway(call.record, NEW_OWNER)).toEqual([]);
  });

  test('the session timer starts anew', () => {
    const call = new RehomedCall().begin();
    call.nowMs = 70;
    call.answer(0, '200 OK', { extra: ['Session-Expires: 1200;refresher=uas'], body: OFFER });
    expect(call.record.legs[0].session).toEqual({
      intervalSeconds: 1_200,
      refresher: 'endpoint',
      refreshedAtMs: 70,
    });
  });

  test('every repeat of a 2xx gets the same ACK, even when all is done', () => {
    const call = moved();
    const { cseq } = call.last(0);
    const repeat = call.response(0, '200 OK', { cseq: `${String(cseq)} INVITE`, body: OFFER });
    call.event({ type: 'response', leg: 0, message: repeat, othersReached: true });
    const acks = call.acks(0);
    expect(acks).toHaveLength(2);
    expect(acks[1]?.text).toBe(acks[0]?.text);
    expect(call.of('done')).toHaveLength(1);
  });

  test('legs that are home are left alone, and asked all the same when the copy is doubtful', () => {
    const record = sampleRecord();
    record.legs[0].home = { pod: 'edge-1', epoch: 4 };
    const call = new RehomedCall(structuredClone(record)).begin();
    expect(call.requests(0, 'INVITE')).toEqual([]);
    expect(call.requests(1, 'INVITE')).toHaveLength(1);
    const doubtful = new RehomedCall(record, { doubtful: true }).begin();
    expect(doubtful.requests(0, 'INVITE')).toHaveLength(1);
  });

  test("a home of before another owner's term proves nothing, one of an unbroken term does", () => {
    const record = sampleRecord();
    record.legs[0].home = { pod: 'edge-1', epoch: 2 };
    expect(legsAway(record, NEW_OWNER)).toEqual([0, 1]);
    expect(legsAway(record, { ...NEW_OWNER, homeSince: 2 })).toEqual([1]);
  });

  test('an owner that was not in sync skips a million numbers', () => {
    const call = new RehomedCall(sampleRecord(), { inSync: false }).begin();
    expect(call.last(1).cseq).toBe(1_001_103);
  });

  test('the leg whose session timer is due first is the more urgent', () => {
    const call = new RehomedCall().begin();
    const [caller, callee] = call.of('queue');
    expect(caller?.dueAtMs).toBeLessThan(callee?.dueAtMs ?? 0);
  });

  test('a call that only rings has nothing to move', () => {
    const record = sampleRecord();
    record.state = 'early';
    const call = new RehomedCall(record).begin();
    expect(call.effects).toEqual([]);
    expect(call.job.state).toBe('over');
  });
});

describe('UPDATE', () => {
  test('is sent where Allow names it, without a description; the other leg gets a re-INVITE', () => {
    const call = new RehomedCall(sampleRecord(), {}, { method: 'Update' }).begin();
    expect(call.last(0, 'UPDATE').message.body).toBe('');
    expect(call.last(0, 'UPDATE').message.get(H.Contact)).toContain('203.0.113.2:5060');
    expect(call.requests(1, 'INVITE')).toHaveLength(1);
    call.answer(0, '200 OK', { method: 'UPDATE', extra: ['Contact: <sip:alice@192.0.2.12>'] });
    expect(call.acks(0)).toEqual([]);
    expect(call.record.legs[0].home.pod).toBe('edge-1');
    expect(call.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.12');
  });

  test.each(['JsSIP 3.13', 'SIP.js/0.21', 'drachtio'])(
    'Auto knows that %s goes on sending to the old target',
    (agent) => {
      const record = sampleRecord();
      record.legs[0].userAgent = agent;
      const call = new RehomedCall(record, {}, { method: 'Auto' }).begin();
      expect(call.requests(0, 'UPDATE')).toEqual([]);
      expect(call.requests(0, 'INVITE')).toHaveLength(1);
    },
  );

  test('Auto tries the other method once after a refusal', () => {
    const call = new RehomedCall(sampleRecord(), {}, { method: 'Auto' }).begin();
    call.answer(0, '405 Method Not Allowed', { method: 'UPDATE' });
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    call.answer(0, '488 Not Acceptable Here');
    expect(call.of('kept')).toMatchObject([{ leg: 0, standing: { state: 'refused', status: 488 } }]);
    expect(call.requests(0, 'UPDATE')).toHaveLength(1);
  });

  test('Auto does not try UPDATE where Allow lacks it', () => {
    const call = new RehomedCall(sampleRecord(), {}, { method: 'Auto' }).begin();
    call.answer(1, '500 Server Internal Error');
    expect(call.requests(1, 'UPDATE')).toEqual([]);
    expect(call.of('kept')).toHaveLength(1);
  });
});

describe('the answer', () => {
  const other = OFFER.replace('4000', '4100').replace('1 1 IN', '1 2 IN');

  test('that differs in o= only is kept and goes no further', () => {
    const call = new RehomedCall().begin();
    const bumped = OFFER.replace('1 1 IN', '1 2 IN');
    call.accept(1);
    call.accept(0, bumped);
    expect(call.record.legs[0].sdpReceived).toBe(bumped);
    expect(call.job.state).toBe('done');
  });

  test('that differs in more is offered to the other leg, home or not', () => {
    const call = new RehomedCall().begin();
    call.accept(1);
    call.accept(0, other);
    expect(call.requests(1, 'INVITE')).toHaveLength(2);
    expect(call.last(1).message.body).toBe(other);
    expect(call.record.legs[1].sdpSent).toBe(other);
    call.accept(1);
    expect(call.job.state).toBe('done');
  });

  test("waits for the other leg's own request in flight", () => {
    const call = new RehomedCall().begin();
    call.accept(0, other);
    expect(call.requests(1, 'INVITE')).toHaveLength(1);
    call.accept(1);
    expect(call.last(1).message.body).toBe(other);
    call.accept(1);
    expect(call.job.state).toBe('done');
  });

  test('is offered on two rounds at most', () => {
    const call = new RehomedCall().begin();
    call.accept(1);
    call.accept(0, other);
    call.accept(1, ANSWER.replace('5000', '5100'));
    call.accept(0, other.replace('4100', '4200'));
    expect([call.requests(0, 'INVITE').length, call.requests(1, 'INVITE').length]).toEqual([2, 2]);
    expect(call.job.state).toBe('done');
  });

  test('without a description changes none', () => {
    const call = new RehomedCall().begin();
    call.accept(0, '');
    expect(call.record.legs[0].sdpReceived).toBe(OFFER);
  });

  test('may come in a reliable provisional response, which is acknowledged once', () => {
    const call = new RehomedCall().begin();
    const extra = ['RSeq: 44', 'Require: 100rel'];
    call.answer(0, '183 Session Progress', { extra, body: other });
    call.answer(0, '183 Session Progress', { extra, body: other });
    const pracks = call.requests(0, 'PRACK');
    expect(pracks).toHaveLength(1);
    expect(pracks[0]?.message.get(H.RAck)).toBe('44 1000 INVITE');
    expect(pracks[0]?.cseq).toBe(1_001);
    call.accept(0, '');
    expect(call.record.legs[0].sdpReceived).toBe(other);
    expect(call.acks(0)[0]?.cseq).toBe(1_000);
  });
});

describe('what endpoints do meanwhile', () => {
  test('their INVITE and UPDATE get 491 while ours is in flight on either leg, other requests pass', () => {
    const call = new RehomedCall().begin();
    call.accept(0);
    expect(['INVITE', 'UPDATE', 'INFO', 'BYE'].map((method) => refusesPeer(call.job, 0, method))).toEqual([
      491,
      491,
      undefined,
      undefined,
    ]);
    call.accept(1);
    expect(refusesPeer(call.job, 0, 'INVITE')).toBeUndefined();
  });

  test('a leg that shows that it sends here is home, and not asked any more', () => {
    const record = sampleRecord();
    const call = new RehomedCall(record);
    call.event({ type: 'proved', leg: 0 });
    call.begin();
    expect(call.requests(0, 'INVITE')).toEqual([]);
    expect(call.of('home')).toEqual([expect.objectContaining({ leg: 0, by: 'endpoint' })]);
    expect(call.record.legs[0].home).toEqual({ pod: 'edge-1', epoch: 4 });
    call.accept(1);
    expect(call.job.state).toBe('done');
  });

  test('shown while ours is in flight, a refusal of ours is no refusal', () => {
    const call = new RehomedCall().begin();
    call.event({ type: 'proved', leg: 0 });
    call.answer(0, '491 Request Pending');
    call.runUntil(10_000);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    expect(call.of('kept')).toEqual([]);
    expect(call.of('home')).toHaveLength(1);
  });

  test("our request waits while an endpoint's offer is in progress", () => {
    const record = sampleRecord();
    const call = new RehomedCall(record);
    const invite = calleesRequest('INVITE', 1, [], OFFER);
    openRequest(record, 1, invite, {
      cseqOut: 1_000,
      branch: 'z9hG4bKx',
      vias: [],
      peer: record.legs[1].peer,
    });
    call.begin();
    expect(call.requests(0, 'INVITE')).toEqual([]);
    call.runUntil(2_000);
    record.open = [];
    call.runUntil(2_500);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    expect(call.inFlight).toBe(2);
  });

  test('a BYE wins: nothing is sent any more, but a late 2xx is acknowledged', () => {
    const call = new RehomedCall().begin();
    call.answer(1, '491 Request Pending');
    call.event({ type: 'ended' });
    expect([call.job.state, call.job.wakeAtMs, call.inFlight]).toEqual(['over', Infinity, 0]);
    call.runUntil(10_000);
    call.accept(0);
    expect(call.acks(0)).toHaveLength(1);
    expect(call.of('home')).toEqual([]);
    expect(call.inFlight).toBe(0);
  });

  test('a pod that may not act any more sends nothing', () => {
    const call = new RehomedCall().begin();
    call.chance = 0.5;
    call.answer(0, '491 Request Pending');
    call.event({ type: 'stop' });
    call.runUntil(100_000);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
  });
});
