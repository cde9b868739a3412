import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SipMessage } from '../../src/sip/index.ts';
import { pause, until } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, holdAndResume, otherEnd, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 90_000;
const COPIED_AFTER_MS = 400;

describe('a pod dies in the middle of something', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start();
  }, TIMEOUT_MS);

  afterEach(async () => {
    await fleet.stop();
  });

  async function works(call: HeldCall): Promise<void> {
    await fleet.allRehomed([call]);
    await holdAndResume(call, 'caller');
    await holdAndResume(call, 'callee');
    await hangUp(call, 'callee');
  }

  test(
    'before the 200 reached the caller: the new owner sends it, with its own Contact',
    async () => {
      const victim = fleet.pod(0);
      fleet.callers.loss = (message, way) => way === 'received' && isInviteOk(message);
      const caller = fleet.ring(victim);
      await until(() => fleet.callees.named(caller.name)?.state === 'answered', TIMEOUT_MS, 'the callee');
      await pause(COPIED_AFTER_MS);
      await victim.kill();
      fleet.callers.loss = undefined;
      const call = await fleet.answered(caller, victim);
      await works(call);
      expect(call.callee.ledger.errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'before the ACK: the callee gets it from the new owner',
    async () => {
      const victim = fleet.pod(0);
      fleet.callers.loss = (message, way) => way === 'sent' && message.method === 'ACK' && message.isRequest;
      const caller = fleet.ring(victim);
      const call = await fleet.answered(caller, victim);
      await pause(COPIED_AFTER_MS);
      await victim.kill();
      fleet.callers.loss = undefined;
      await works(call);
      expect([...call.caller.ledger.errors, ...call.callee.ledger.errors]).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'during a re-INVITE of the %s',
    async (end) => {
      const victim = fleet.pod(0);
      const call = await held(fleet);
      let asked = 0;
      call[otherEnd(end)].rule = (request) => {
        if (request.method !== 'INVITE') return undefined;
        asked += 1;
        return asked === 1 ? { status: 200, delayMs: 1500 } : undefined;
      };
      const pending = call[end].reinvite();
      await until(() => asked > 0, TIMEOUT_MS, 'the re-INVITE');
      await pause(COPIED_AFTER_MS);
      await victim.kill();
      expect((await pending).status).toBeGreaterThanOrEqual(200);
      await works(call);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'during an UPDATE of the %s',
    async (end) => {
      const victim = fleet.pod(0);
      const call = await held(fleet);
      let asked = 0;
      call[otherEnd(end)].rule = (request) => {
        if (request.method !== 'UPDATE') return undefined;
        asked += 1;
        return asked === 1 ? 'silence' : undefined;
      };
      const pending = call[end].update('sendrecv');
      await until(() => asked > 0, TIMEOUT_MS, 'the UPDATE');
      await pause(COPIED_AFTER_MS);
      await victim.kill();
      expect((await pending).status).toBeGreaterThanOrEqual(200);
      await works(call);
    },
    TIMEOUT_MS,
  );

  test.each(ENDS)(
    'a BYE from the %s comes while the other end has not answered the re-INVITE: the BYE wins',
    async (end) => {
      const victim = fleet.pod(0);
      const call = await held(fleet);
      const slow = otherEnd(end);
      call[slow].rule = (request) =>
        request.method === 'INVITE' ? { status: 200, delayMs: 2000 } : undefined;
      await victim.kill();
      await fleet.rehomed(call, end);
      await hangUp(call, end);
      await pause(COPIED_AFTER_MS);
      expect(call[end].ledger.requests('received', 'BYE')).toHaveLength(0);
      expect([...call.caller.ledger.errors, ...call.callee.ledger.errors]).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

async function held(fleet: Fleet): Promise<HeldCall> {
  const [call] = await fleet.hold(1, fleet.pod(0));
  if (call === undefined) throw new Error('no call');
  return call;
}

function isInviteOk(message: SipMessage): boolean {
  return message.status >= 200 && message.cseqMethod === 'INVITE';
}
