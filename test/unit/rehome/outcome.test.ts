import { describe, expect, test } from '@jest/globals';
import { H, type HeaderLine } from '../../../src/sip/index.ts';
import { ANSWER, sampleRecord } from '../dialog/sample-record.ts';
import { RehomedCall } from './rehomed-call.ts';

function begun(): RehomedCall {
  const call = new RehomedCall().begin();
  call.accept(1);
  return call;
}

describe('491', () => {
  test.each([
    [0, 0, 0],
    [0, 0.999, 2_000],
    [1, 0, 2_100],
    [1, 0.999, 4_000],
  ] as const)(
    'on leg %i with chance %f is tried again after %i ms, with a new CSeq and branch',
    (leg, chance, waitMs) => {
      const call = new RehomedCall().begin();
      call.accept(leg === 0 ? 1 : 0);
      call.chance = chance;
      const first = call.last(leg);
      call.answer(leg, '491 Request Pending');
      expect(call.inFlight).toBe(waitMs === 0 ? 1 : 0);
      call.runUntil(waitMs - 1);
      expect(call.requests(leg, 'INVITE')).toHaveLength(waitMs === 0 ? 2 : 1);
      call.runUntil(waitMs);
      expect(call.requests(leg, 'INVITE')).toHaveLength(2);
      expect(call.last(leg).cseq).toBe(first.cseq + 1);
      expect(call.last(leg).branch).not.toBe(first.branch);
      expect(call.of('kept')).toEqual([]);
    },
  );

  test('for ever is a refusal after five retries', () => {
    const call = begun();
    call.chance = 0.5;
    for (let time = 0; time < 6; time++) {
      call.answer(0, '491 Request Pending');
      call.runUntil(call.nowMs + 2_000);
    }
    expect(call.requests(0, 'INVITE')).toHaveLength(6);
    expect(call.of('kept')).toMatchObject([{ leg: 0, standing: { state: 'refused', status: 491 } }]);
    expect(call.of('ended')).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each([401, 403, 404, 407, 488, 500, 503, 504, 600, 603, 302])(
    '%i leaves the call as it was, listed, and is tried again later',
    (status) => {
      const call = begun();
      const before = structuredClone(call.record.legs[0]);
      call.answer(0, `${String(status)} No`, { extra: ['Contact: <sip:elsewhere@192.0.2.99>'] });
      expect(call.of('kept')).toEqual([
        expect.objectContaining({
          leg: 0,
          reason: `refused with ${String(status)}`,
          standing: { state: 'refused', status, sinceMs: 0, attempts: 1 },
        }),
      ]);
      const { remoteTarget, sdpSent, sdpReceived, home, routeSet } = before;
      expect(call.record.legs[0]).toMatchObject({ remoteTarget, sdpSent, sdpReceived, home, routeSet });
      expect(call.record.state).toBe('confirmed');
      expect(call.inFlight).toBe(0);
      call.runUntil(29_999);
      expect(call.requests(0, 'INVITE')).toHaveLength(1);
      call.runUntil(30_000);
      expect(call.requests(0, 'INVITE')).toHaveLength(2);
      call.answer(0, `${String(status)} No`);
      call.runUntil(89_999);
      expect(call.requests(0, 'INVITE')).toHaveLength(2);
      call.runUntil(90_000);
      expect(call.requests(0, 'INVITE')).toHaveLength(3);
      expect(call.record.legs[0].standing).toMatchObject({ attempts: 2, sinceMs: 0 });
      call.accept(0);
      expect(call.record.legs[0].standing).toMatchObject({ state: 'settled', attempts: 0 });
      expect(call.job.state).toBe('done');
    },
  );

  test('of one leg does not touch the other', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '488 Not Acceptable Here');
    call.accept(1);
    expect(call.record.legs[1].home.pod).toBe('edge-1');
    expect(call.record.legs[0].home.pod).toBe('edge-0');
    expect(call.requests(1, 'BYE')).toEqual([]);
  });

  test('a leg without a known description is kept, not asked for one', () => {
    const record = sampleRecord();
    record.legs[0].sdpSent = '';
    const call = new RehomedCall(record).begin();
    expect(call.requests(0, 'INVITE')).toEqual([]);
    expect(call.of('kept')).toMatchObject([{ leg: 0, reason: 'no description to offer' }]);
    expect(call.inFlight).toBe(1);
  });
});

describe('422', () => {
  test('is tried again once with the longer interval and Min-SE', () => {
    const call = begun();
    call.answer(0, '422 Session Interval Too Small', { extra: ['Min-SE: 3600'] });
    const { message } = call.last(0);
    expect(call.requests(0, 'INVITE')).toHaveLength(2);
    expect(message.get(H.SessionExpires)).toBe('3600;refresher=uas');
    expect(message.get(H.MinSE)).toBe('3600');
    call.answer(0, '422 Session Interval Too Small', { extra: ['Min-SE: 7200'] });
    expect(call.of('kept')).toMatchObject([{ standing: { status: 422 } }]);
  });

  test('without Min-SE is a refusal', () => {
    const call = begun();
    call.answer(0, '422 Session Interval Too Small');
    expect(call.of('kept')).toMatchObject([{ standing: { status: 422 } }]);
  });
});

describe('Retry-After', () => {
  test.each(['500 Server Internal Error', '503 Service Unavailable'])(
    'of a %s is waited for, once',
    (line) => {
      const call = begun();
      call.answer(0, line, { extra: ['Retry-After: 7 (busy)'] });
      call.runUntil(6_999);
      expect(call.requests(0, 'INVITE')).toHaveLength(1);
      call.runUntil(7_000);
      expect(call.requests(0, 'INVITE')).toHaveLength(2);
      expect(call.of('kept')).toEqual([]);
      call.answer(0, line, { extra: ['Retry-After: 7'] });
      expect(call.of('kept')).toHaveLength(1);
      call.runUntil(36_999);
      expect(call.requests(0, 'INVITE')).toHaveLength(2);
      call.runUntil(37_000);
      expect(call.requests(0, 'INVITE')).toHaveLength(3);
    },
  );
});

describe('481', () => {
  test('ends the call: the other leg gets a BYE with the Reason', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '481 Call/Transaction Does Not Exist');
    expect(call.requests(0, 'BYE')).toEqual([]);
    const bye = call.last(1, 'BYE');
    expect(bye.message.get(H.Reason)).toMatch(/^SIP;cause=481;text="/);
    expect(bye.cseq).toBe(call.last(1).cseq + 1);
    expect(call.record.state).toBe('ended');
    expect(call.of('ended')).toMatchObject([{ leg: 0, status: 481 }]);
    expect([call.job.state, call.inFlight]).toEqual(['over', 0]);
  });

  test('a 2xx of the other leg that crosses is acknowledged', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '481 Gone');
    call.accept(1);
    expect(call.acks(1)).toHaveLength(1);
    expect(call.of('home')).toEqual([]);
  });
});

describe('silence', () => {
  /** Each try is silent for 64*T1. */
  function silentTries(call: RehomedCall, tries: number, othersReached: boolean): void {
    for (let time = 0; time < tries; time++) {
      call.runUntil(call.nowMs + 32_000);
      call.silence(0, othersReached);
      call.runUntil(Math.max(call.nowMs, call.job.wakeAtMs));
    }
  }

  test('marks the leg unreached and tries again with growing waits', () => {
    const call = begun();
    call.runUntil(32_000);
    call.silence(0);
    expect(call.of('kept')).toMatchObject([
      { leg: 0, standing: { state: 'unreached', status: 408, attempts: 1 } },
    ]);
    expect(call.inFlight).toBe(0);
    call.runUntil(36_999);
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    call.runUntil(37_000);
    expect(call.requests(0, 'INVITE')).toHaveLength(2);
  });

  test('of three tries over 60 s ends the call while the listener reaches other peers', () => {
    const call = begun();
    silentTries(call, 2, true);
    expect(call.of('ended')).toEqual([]);
    call.runUntil(call.nowMs + 32_000);
    call.silence(0, true);
    expect(call.of('ended')).toMatchObject([{ leg: 0, status: 408 }]);
    expect(call.requests(1, 'BYE')).toHaveLength(1);
    expect(call.requests(0, 'BYE')).toHaveLength(1);
  });

  test('never ends it while nobody is reached', () => {
    const call = begun();
    silentTries(call, 12, false);
    expect(call.of('ended')).toEqual([]);
    expect(call.record.state).toBe('confirmed');
    expect(call.requests(0, 'INVITE').length).toBeGreaterThan(10);
  });

  test('three quick failures to send do not end it before 60 s', () => {
    const call = begun();
    for (let time = 0; time < 3; time++) {
      call.silence(0, true);
      call.runUntil(call.job.wakeAtMs);
    }
    expect(call.nowMs).toBeLessThan(60_000);
    expect(call.of('ended')).toEqual([]);
  });

  test('a received 408 counts as one', () => {
    const call = begun();
    call.answer(0, '408 Request Timeout');
    expect(call.of('kept')).toMatchObject([{ standing: { state: 'unreached' } }]);
  });

  test('is over when anything is answered', () => {
    const call = begun();
    silentTries(call, 2, true);
    call.answer(0, '488 No');
    call.runUntil(call.nowMs + 30_000);
    silentTries(call, 1, true);
    expect(call.of('ended')).toEqual([]);
  });

  test('a 2xx that comes after it still counts', () => {
    const call = begun();
    call.runUntil(32_000);
    call.silence(0);
    call.accept(0);
    expect(call.acks(0)).toHaveLength(1);
    expect(call.job.state).toBe('done');
    expect(call.inFlight).toBe(0);
  });

  test('after a provisional response is bounded: CANCEL, and then the leg counts as unreached', () => {
    const call = begun();
    call.answer(0, '180 Ringing');
    call.runUntil(31_999);
    expect(call.requests(0, 'CANCEL')).toEqual([]);
    call.runUntil(32_000);
    const cancel = call.last(0, 'CANCEL');
    expect(cancel.branch).toBe(call.last(0).branch);
    expect(cancel.message.list(H.Via)).toEqual(call.last(0).message.list(H.Via));
    call.runUntil(64_000);
    expect(call.requests(0, 'CANCEL')).toHaveLength(1);
    expect(call.of('kept')).toMatchObject([{ standing: { state: 'unreached' } }]);
    expect(call.inFlight).toBe(0);
  });

  test('of the CANCEL itself changes nothing', () => {
    const call = begun();
    call.answer(0, '180 Ringing');
    call.runUntil(32_000);
    call.silence(0);
    expect(call.of('kept')).toEqual([]);
    call.accept(0);
    expect(call.job.state).toBe('done');
  });

  test('a cancelled one that ends with 487 is a refusal', () => {
    const call = begun();
    call.answer(0, '180 Ringing');
    call.runUntil(32_000);
    call.answer(0, '487 Request Terminated', { method: 'INVITE' });
    expect(call.of('kept')).toMatchObject([{ standing: { state: 'refused', status: 487 } }]);
  });
});

describe('a challenged request', () => {
  const CREDENTIALS: HeaderLine = [H.ProxyAuthorization, 'Digest answer="1"'];

  test('is repeated at once with credentials and the next CSeq, and its ACK carries them, too', () => {
    const call = new RehomedCall().begin();
    const first = call.last(0);
    call.answer(0, '407 Proxy Authentication Required', { credentials: CREDENTIALS });
    const second = call.last(0);
    expect(second.cseq).toBe(first.cseq + 1);
    expect(second.branch).not.toBe(first.branch);
    expect(second.message.get(H.ProxyAuthorization)).toBe('Digest answer="1"');
    expect(second.message.body).toBe(first.message.body);
    call.answer(0, '200 OK', { body: ANSWER });
    expect(call.acks(0)[0]?.get(H.ProxyAuthorization)).toBe('Digest answer="1"');
    expect(call.job.legs[0].phase).toBe('home');
  });

  test('answers a proxy and the endpoint behind it, and is refused when it is asked once too often', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '407 Proxy Authentication Required', { credentials: CREDENTIALS });
    call.answer(0, '401 Unauthorized', { credentials: [H.Authorization, 'Digest answer="2"'] });
    const third = call.last(0).message;
    expect([third.get(H.ProxyAuthorization), third.get(H.Authorization)]).toEqual([
      'Digest answer="1"',
      'Digest answer="2"',
    ]);
    call.answer(0, '401 Unauthorized', { credentials: [H.Authorization, 'Digest answer="3"'] });
    call.answer(0, '401 Unauthorized', { credentials: [H.Authorization, 'Digest answer="4"'] });
    expect(call.requests(0, 'INVITE')).toHaveLength(4);
    expect(call.record.legs[0].standing).toMatchObject({ state: 'refused', status: 401 });
  });

  test('leaves the call as it was without credentials', () => {
    const call = new RehomedCall().begin();
    call.answer(0, '407 Proxy Authentication Required');
    expect(call.requests(0, 'INVITE')).toHaveLength(1);
    expect(call.record.legs[0].standing).toMatchObject({ state: 'refused', status: 407 });
  });
});
