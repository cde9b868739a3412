import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { H } from '../../src/sip/index.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { until } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, holdAndResume, otherEnd, rehomeFaults, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 60_000;
const CALLS_ON_EACH = 20;

describe.each(['SIGKILL', 'SIGSTOP'] as const)('a pod with held calls gets %s', (signal) => {
  let fleet: Fleet;
  let victim: StaticPod;
  let survivors: StaticPod[];
  let moved: HeldCall[];
  let others: HeldCall[];
  let during: HeldCall[];

  beforeAll(async () => {
    fleet = await Fleet.start();
    victim = fleet.pod(0);
    survivors = [fleet.pod(1), fleet.pod(2)];
    moved = await fleet.hold(CALLS_ON_EACH, victim);
    others = [
      ...(await fleet.hold(CALLS_ON_EACH, fleet.pod(1))),
      ...(await fleet.hold(CALLS_ON_EACH, fleet.pod(2))),
    ];
    victim.signal(signal);
    during = await fleet.hold(CALLS_ON_EACH, fleet.pod(1));
    await fleet.allRehomed(moved);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  function take(): HeldCall {
    const call = moved.shift();
    if (call === undefined) throw new Error('no call is left');
    return call;
  }

  test('every re-INVITE and its ACK meet the checklist', () => {
    expect(moved.flatMap((call) => ENDS.flatMap((end) => rehomeFaults(fleet, call, end)))).toEqual([]);
  });

  test('each end was asked once', () => {
    const asked = moved.flatMap((call) => ENDS.map((end) => call[end].ledger.reinvites().length));
    expect(new Set(asked)).toEqual(new Set([1]));
  });

  test('calls of the other pods are left alone', () => {
    const asked = others.flatMap((call) => ENDS.map((end) => call[end].ledger.reinvites().length));
    expect(new Set(asked)).toEqual(new Set([0]));
  });

  test('nothing went wrong at any phone', () => {
    const calls = [...moved, ...others, ...during];
    expect(calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual([]);
  });

  test.each(ENDS)(
    'BYE from the %s ends the call on both sides',
    async (end) => {
      const call = take();
      await hangUp(call, end);
      expect([call.caller.state, call.callee.state]).toEqual(['ended', 'ended']);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'hold and resume from the %s',
    async (end) => {
      const call = take();
      await holdAndResume(call, end);
      expect(call.caller.ledger.errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'a re-INVITE from the %s whose 183 is PRACKed',
    async (end) => {
      const call = take();
      call[otherEnd(end)].rule = (request) =>
        request.method === 'INVITE'
          ? { status: 200, provisional: [{ status: 183, reliable: true }] }
          : undefined;
      expect((await call[end].reinvite()).status).toBe(200);
      expect(call[end].ledger.requests('sent', 'PRACK')).toHaveLength(1);
      expect(call[otherEnd(end)].ledger.errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'UPDATE and INFO from the %s',
    async (end) => {
      const call = take();
      expect((await call[end].update('sendonly')).status).toBe(200);
      expect((await call[end].request('INFO')).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'REFER from the %s and the NOTIFY of the other',
    async (end) => {
      const call = take();
      const refer = await call[end].request('REFER', { headers: [[H.ReferTo, '<sip:third@example.com>']] });
      const notify = await call[otherEnd(end)].request('NOTIFY', {
        headers: [
          [H.Event, 'refer'],
          [H.SubscriptionState, 'terminated;reason=noresource'],
        ],
        body: { type: 'message/sipfrag;version=2.0', text: 'SIP/2.0 200 OK' },
      });
      expect([refer.status, notify.status]).toEqual([202, 200]);
    },
    TIMEOUT_MS,
  );

  test(
    'an INVITE to the Contact of a call reaches the far end of that call (attended transfer)',
    async () => {
      const call = take();
      const pod = fleet.podShown(call, 'caller');
      if (pod === undefined) throw new Error('no pod');
      const transfer = fleet.callers.place(pod.place.public, `to-${call.caller.name}`, {
        uri: call.caller.dialog.remoteTarget,
      });
      expect(await transfer.established).toBe(200);
      const callee = fleet.callees.named(transfer.name);
      expect(callee?.ledger.entries[0]?.text).toContain(
        `INVITE sip:${call.caller.name}@${hostPort(fleet.callees.local)} SIP/2.0`,
      );
      expect((await transfer.bye()).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  test(
    'calls that were set up during the failover work',
    async () => {
      for (const call of during) await holdAndResume(call, 'callee');
      expect(during.flatMap((call) => call.callee.ledger.errors)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'the survivors forget everything when all calls have ended',
    async () => {
      const open = [...fleet.callers.calls].filter((call) => call.state === 'answered');
      const ended = await Promise.all(open.map((call) => call.bye()));
      expect(new Set(ended.map(({ status }) => status))).toEqual(new Set([200]));
      await until(() => fleet.callees.calls.every((call) => call.state !== 'answered'), 5000, 'the callees');
      await fleet.leaks.passed(survivors);
    },
    TIMEOUT_MS,
  );
});
