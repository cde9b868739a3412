import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { hangUp, holdAndResume, type Fleet } from './fleet.ts';
import { SteeredFleet } from './steered-fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 5;
const RINGS_MS = 6_000;
const RINGING_WITHIN_MS = 5_000;

describe('calls that a pod without tags handed on', () => {
  let steered: SteeredFleet;
  let fleet: Fleet;

  beforeEach(async () => {
    steered = await SteeredFleet.start();
    ({ fleet } = steered);
    fleet.callees.rule = ({ method, toTag }) =>
      method === 'INVITE' && toTag === ''
        ? { status: 200, delayMs: RINGS_MS, provisional: [{ status: 180 }] }
        : undefined;
  }, TIMEOUT_MS);

  afterEach(async () => {
    await steered.stop();
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'are answered though it ends before their callees answer: %s',
    async (signal) => {
      const entrance = fleet.pod(1);
      const ringing = Array.from({ length: CALLS }, () => fleet.ring(entrance));
      await until(
        () => ringing.every(({ name }) => fleet.callees.named(name) !== undefined),
        RINGING_WITHIN_MS,
        'the callees to ring',
      );
      await pause(RINGS_MS / 6);
      const ended = entrance.ended();
      entrance.signal(signal);
      const calls = await Promise.all(ringing.map((caller) => fleet.answered(caller, entrance)));
      expect(steered.elsewhere(calls, 0)).toEqual([]);
      for (const call of calls) {
        await holdAndResume(call, 'caller');
        await hangUp(call, 'callee');
      }
      await ended;
    },
    TIMEOUT_MS,
  );
});
