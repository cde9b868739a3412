import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, otherEnd, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 60_000;

describe('requests that cross, through one pod', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await Fleet.start({ pods: 1 });
  }, TIMEOUT_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  afterEach(async () => {
    fleet.callees.rule = undefined;
    fleet.callers.loss = undefined;
    await fleet.leaks.passed(fleet.pods);
  }, TIMEOUT_MS);

  async function call(): Promise<HeldCall> {
    const [held] = await fleet.hold(1, fleet.pod(0));
    if (held === undefined) throw new Error('no call');
    return held;
  }

  test(
    're-INVITEs from both ends: both are done in the end',
    async () => {
      const { caller, callee } = await call();
      const outcomes = await Promise.all([caller.reinvite(), callee.reinvite()]);
      expect(outcomes.map(({ status }) => status)).toEqual([200, 200]);
      await caller.bye();
    },
    TIMEOUT_MS,
  );

  test(
    'UPDATEs with offers from both ends: at least one is refused, and the call goes on',
    async () => {
      const held = await call();
      const outcomes = await Promise.all([held.caller.update('sendrecv'), held.callee.update('sendrecv')]);
      for (const { status } of outcomes) expect([200, 491, 500]).toContain(status);
      expect((await held.caller.update('sendrecv')).status).toBe(200);
      await hangUp(held, 'caller');
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'BYE from the %s against a re-INVITE of the other: the BYE wins',
    async (end) => {
      const held = await call();
      const [, ended] = await Promise.all([held[otherEnd(end)].reinvite(), held[end].bye()]);
      expect(ended.status).toBe(200);
      await until(() => held[otherEnd(end)].state === 'ended', TIMEOUT_MS, 'the BYE');
    },
    TIMEOUT_MS,
  );

  test(
    'BYE from both ends at once',
    async () => {
      const { caller, callee } = await call();
      const outcomes = await Promise.all([caller.bye(), callee.bye()]);
      for (const { status } of outcomes) expect([200, 481]).toContain(status);
    },
    TIMEOUT_MS,
  );

  test(
    'CANCEL against the 200: the call is answered, and can be ended',
    async () => {
      let rang: () => void = () => undefined;
      const answering = new Promise<void>((resolve) => {
        rang = resolve;
      });
      fleet.callees.rule = (request) => {
        if (request.method !== 'INVITE') return undefined;
        rang();
        return { status: 200 };
      };
      const caller = fleet.ring(fleet.pod(0));
      await answering;
      caller.cancel();
      const status = await caller.established;
      expect([200, 487]).toContain(status);
      const ended = status === 200 ? (await caller.bye()).status : 200;
      expect(ended).toBe(200);
      await until(() => fleet.callees.named(caller.name)?.state !== 'answered', TIMEOUT_MS, 'the callee');
    },
    TIMEOUT_MS,
  );

  test.each([0, 20, 100, 400])(
    'CANCEL %d ms after the INVITE',
    async (ms) => {
      fleet.callees.rule = (request) =>
        request.method === 'INVITE'
          ? { status: 200, provisional: [{ status: 180 }], delayMs: 2000 }
          : undefined;
      const caller = fleet.ring(fleet.pod(0));
      await pause(ms);
      caller.cancel();
      expect(await caller.established).toBe(487);
      await until(() => fleet.callees.named(caller.name)?.state === 'failed', TIMEOUT_MS, 'the callee');
      expect(fleet.callees.named(caller.name)?.ledger.errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a lost ACK of the first 2xx: it is repeated and ACKed again',
    async () => {
      let lost = 2;
      fleet.callers.loss = (message, way) =>
        way === 'sent' && message.isRequest && message.method === 'ACK' && lost-- > 0;
      const held = await call();
      await until(() => held.callee.ledger.repeats('sent') >= 2, TIMEOUT_MS, 'the 2xx to be repeated');
      await pause(1000);
      expect(held.callee.ledger.errors).toEqual([]);
      await hangUp(held, 'caller');
    },
    TIMEOUT_MS,
  );

  test(
    'a late offer in re-INVITEs from both ends, one after the other',
    async () => {
      const held = await call();
      for (const end of ENDS) expect((await held[end].reinvite({ late: true })).status).toBe(200);
      await hangUp(held, 'callee');
      expect([...held.caller.ledger.errors, ...held.callee.ledger.errors]).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each([false, true])(
    'PRACKed provisional responses, late offer: %s',
    async (late) => {
      fleet.callees.rule = (request) =>
        request.method === 'INVITE'
          ? {
              status: 200,
              provisional: [
                { status: 183, reliable: true, sdp: true },
                { status: 180, reliable: true },
              ],
            }
          : undefined;
      const caller = fleet.ring(fleet.pod(0), { late });
      const held = await fleet.answered(caller, fleet.pod(0));
      await hangUp(held, 'callee');
      expect([...held.caller.ledger.errors, ...held.callee.ledger.errors]).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
