import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { hangUp, holdAndResume, type Fleet, type HeldCall } from './fleet.ts';
import { SteeredFleet } from './steered-fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 6;
/** Longer than a handover waits for an exchange. */
const SLOW_MS = 6_000;
const STARTS_MS = 200;
const REHOMED_WITHIN_MS = 20_000;

describe('a move while an exchange is under way', () => {
  let steered: SteeredFleet;
  let fleet: Fleet;
  let calls: HeldCall[];

  beforeEach(async () => {
    steered = await SteeredFleet.start();
    ({ fleet } = steered);
    calls = await fleet.hold(CALLS, fleet.pod(0));
  }, TIMEOUT_MS);

  afterEach(async () => {
    await steered.stop();
  });

  /** Lets the callees take their time over one method. */
  function slowly(method: string): void {
    for (const { callee } of calls)
      callee.rule = (request) => {
        if (request.method !== method) return undefined;
        callee.rule = undefined;
        return { status: 200, delayMs: SLOW_MS };
      };
  }

  async function allAt(index: number): Promise<void> {
    await until(
      () => steered.elsewhere(calls, index).length === 0,
      REHOMED_WITHIN_MS,
      `all calls at pod ${String(index)}, not ${steered.elsewhere(calls, index).join(', ')}`,
    );
  }

  function errors(): string[] {
    return calls.flatMap(({ caller, callee }) => [...caller.ledger.errors, ...callee.ledger.errors]);
  }

  test(
    'a hold that takes longer than the move is answered, and what it agreed stays',
    async () => {
      slowly('INVITE');
      const holds = calls.map(({ caller }) => caller.hold());
      await pause(STARTS_MS);
      await steered.move(0, 1);
      expect((await Promise.all(holds)).map(({ status }) => status)).toEqual(calls.map(() => 200));
      await allAt(1);
      await pause(STARTS_MS);
      for (const { callee } of calls) expect(callee.sdp.current()).toContain('a=recvonly');
      for (const { caller } of calls) {
        const refused = caller.ledger.entries.filter(
          ({ way, status }) => way === 'received' && status >= 300,
        );
        expect(refused).toEqual([]);
      }
      expect(errors()).toEqual([]);
      for (const call of calls) {
        expect((await call.caller.resume()).status).toBe(200);
        await holdAndResume(call, 'callee');
      }
    },
    TIMEOUT_MS,
  );

  test(
    'an INFO, an UPDATE and a BYE that are answered after the move are answered once, and ended calls stay ended',
    async () => {
      const methods = ['INFO', 'UPDATE', 'BYE'] as const;
      for (const [index, { callee }] of calls.entries())
        callee.rule = ({ method }) =>
          method === methods[index % methods.length] ? { status: 200, delayMs: SLOW_MS } : undefined;
      const outcomes = calls.map(({ caller }, index) => {
        const method = methods[index % methods.length];
        return method === 'BYE' ? caller.bye() : caller.request(method ?? 'INFO');
      });
      await pause(STARTS_MS);
      await steered.move(0, 1);
      expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(calls.map(() => 200));
      const [ended, alive] = [calls.filter(isEnded), calls.filter((call) => !isEnded(call))];
      calls = alive;
      await allAt(1);
      await pause(STARTS_MS);
      expect(ended).toHaveLength(2);
      for (const { caller, callee } of ended)
        expect([caller, callee].map((end) => end.ledger.reinvites().length)).toEqual([0, 0]);
      for (const { callee } of alive) callee.rule = undefined;
      for (const call of alive) await hangUp(call, 'callee');
      const { takeovers } = await steered.steering.report(fleet.pod(1));
      expect(takeovers.reduce((lost, takeover) => lost + takeover.lost, 0)).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    'calls that are answered after it and hung up at once end at both sides',
    async () => {
      fleet.callees.rule = ({ method, toTag }) =>
        method === 'INVITE' && toTag === ''
          ? { status: 200, delayMs: SLOW_MS / 2, provisional: [{ status: 180 }] }
          : undefined;
      const ringing = Array.from({ length: CALLS }, () => fleet.ring(fleet.pod(0)));
      await pause(STARTS_MS);
      await steered.move(0, 1);
      const byes = await Promise.all(
        ringing.map(async (caller) => {
          expect(await caller.established).toBe(200);
          return (await caller.bye()).status;
        }),
      );
      expect(byes).toEqual(ringing.map(() => 200));
      const callees = ringing.map(({ name }) => fleet.callees.named(name));
      await until(
        () => callees.every((callee) => callee?.state === 'ended'),
        REHOMED_WITHIN_MS,
        'the BYEs at the far side',
      );
      await allAt(1);
      expect(errors()).toEqual([]);
      expect([...ringing, ...callees].flatMap((end) => end?.ledger.errors ?? [])).toEqual([]);
      const { dialogs, takeovers } = await steered.steering.report(fleet.pod(1));
      expect(Object.values(dialogs).reduce((sum, count) => sum + count, 0)).toBe(CALLS);
      expect(takeovers.reduce((lost, takeover) => lost + takeover.lost, 0)).toBe(0);
    },
    TIMEOUT_MS,
  );
});

function isEnded({ caller }: HeldCall): boolean {
  return caller.state === 'ended';
}
