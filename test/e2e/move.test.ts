import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Talk, TALK_ENDS } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { pause, until } from '../../src/local/until.ts';
import { hangUp, holdAndResume, type Fleet, type HeldCall } from './fleet.ts';
import { faultsOf, SteeredFleet } from './steered-fleet.ts';
import type { Steering } from './steering.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 40;
const TALK_EVERY_MS = 500;
const SETTLES_MS = 1500;
const REHOMED_WITHIN_MS = 20_000;
const ACKED_MS = 300;
const RINGS_MS = 4000;

describe('a planned move', () => {
  let steered: SteeredFleet;
  let fleet: Fleet;
  let steering: Steering;

  beforeEach(async () => {
    steered = await SteeredFleet.start();
    ({ fleet, steering } = steered);
  }, TIMEOUT_MS);

  afterEach(async () => {
    await steered.stop();
  });

  test(
    'of all tags of a pod loses no message of calls that talk from both ends',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
      await pause(SETTLES_MS);
      await steered.move(0, 1);
      await fleet.allRehomed(calls);
      await pause(SETTLES_MS);
      expect(await faultsOf(talk)).toEqual([]);
      const sum = new TalkLedger(talk).sum(calls);
      expect(sum).toMatchObject({ alive: CALLS, lost: 0, reinvites: { least: 1, most: 1 } });
      expect(steered.elsewhere(calls, 1)).toEqual([]);
      const { takeovers } = await steering.report(fleet.pod(1));
      const moved = takeovers.filter(({ claim }) => claim === 'handover');
      expect(moved.map(({ tag }) => tag).sort()).toEqual(steered.tags);
      expect(moved.reduce((count, { rehomed }) => count + rehomed, 0)).toBe(CALLS);
      for (const call of calls.slice(0, 3)) {
        await holdAndResume(call, 'caller');
        await hangUp(call, 'callee');
      }
    },
    TIMEOUT_MS,
  );

  test(
    'there and back, three times, leaves every call as it was',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
      for (let round = 0; round < 3; round += 1) {
        for (const [from, to] of [[0, 1] as const, [1, 0] as const]) {
          await steered.move(from, to);
          await until(
            () => steered.elsewhere(calls, to).length === 0,
            REHOMED_WITHIN_MS,
            `all calls at ${String(to)}`,
          );
          await pause(ACKED_MS);
          await steering.tell(fleet.pod(from));
        }
      }
      expect(await faultsOf(talk)).toEqual([]);
      expect(new TalkLedger(talk).sum(calls)).toMatchObject({
        alive: CALLS,
        lost: 0,
        reinvites: { least: 6, most: 6 },
      });
      for (const call of calls.slice(0, 3)) await holdAndResume(call, 'callee');
    },
    TIMEOUT_MS,
  );

  test(
    'that is withdrawn half-way leaves what is done, and every call with one owner',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
      const half = steered.tags.slice(0, 3);
      await steering.tell(fleet.pod(0), {
        cordoned: true,
        handOver: new Map([
          ...half.map((tag) => [tag, 'edge-1'] as const),
          [steered.tags[3] ?? '', 'edge-9'],
        ]),
      });
      await until(
        async () => (await steering.owned(fleet.pod(1))).length === half.length,
        REHOMED_WITHIN_MS,
        'half of the tags to have moved',
      );
      const cordoned = await steering.report(fleet.pod(0));
      expect(cordoned.status).toMatchObject({ ready: false, reason: 'cordoned: a test wants it' });
      expect(cordoned.refusedHandOvers).toEqual([
        { tag: steered.tags[3], to: 'edge-9', why: expect.stringContaining('edge-9') },
      ]);
      await steering.tell(fleet.pod(0));
      const { status, refusedHandOvers } = await steering.report(fleet.pod(0));
      expect([status.ready, refusedHandOvers]).toEqual([true, []]);
      await pause(SETTLES_MS);
      expect(await steering.owned(fleet.pod(0))).toEqual(steered.tags.slice(3));
      expect(await faultsOf(talk)).toEqual([]);
      const sum = new TalkLedger(talk).sum(calls);
      expect(sum).toMatchObject({ alive: CALLS, lost: 0, reinvites: { least: 0, most: 1 } });
      const moved = steered.elsewhere(calls, 0).length;
      expect(calls.length - steered.elsewhere(calls, 1).length).toBe(moved);
      expect(moved).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    'leaves ringing calls to finish, and takes them when they are answered',
    async () => {
      fleet.callees.rule = ({ method, toTag }) =>
        method === 'INVITE' && toTag === ''
          ? { status: 200, delayMs: RINGS_MS, provisional: [{ status: 180 }] }
          : undefined;
      const ringing = Array.from({ length: 12 }, () => fleet.ring(fleet.pod(0)));
      await pause(RINGS_MS / 4);
      await steered.move(0, 1);
      expect((await steering.report(fleet.pod(0))).ringing).toBe(12);
      const calls = await Promise.all(ringing.map((caller) => fleet.answered(caller, fleet.pod(0))));
      const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
      await fleet.allRehomed(calls);
      await pause(SETTLES_MS);
      expect(await faultsOf(talk)).toEqual([]);
      expect(steered.elsewhere(calls, 1)).toEqual([]);
      expect(new TalkLedger(talk).sum(calls)).toMatchObject({ alive: 12, lost: 0 });
      for (const call of calls) expect(again(call)).toEqual([]);
      for (const call of calls) await hangUp(call, 'caller');
    },
    TIMEOUT_MS,
  );

  test(
    'whose old owner is killed in the middle loses no call',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const tags = await steering.owned(fleet.pod(0));
      await steering.tell(fleet.pod(0), { handOver: new Map(tags.map((tag) => [tag, 'edge-1'])) });
      await fleet.pod(0).kill();
      await fleet.allRehomed(calls);
      for (const call of calls) {
        expect(call.caller.state).toBe('answered');
        await hangUp(call, 'callee');
      }
    },
    TIMEOUT_MS,
  );
});

/** Messages of the set-up of a call that an end was sent more than once. */
function again(call: HeldCall): string[] {
  return TALK_ENDS.flatMap((end) =>
    call[end].ledger.entries
      .filter((entry) => entry.repeat && entry.way === 'received')
      .map((entry) => `${call.caller.name} ${end}: ${entry.method} ${String(entry.status)}`),
  );
}
