import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause, until } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, holdAndResume, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 30;
const INFO_EVERY_MS = 300;
const TALKS_MS = 4_000;
const RINGS_MS = 2_000;
const RINGING = 7;
const COUNTED_WITHIN_MS = 10_000;

describe('a pod that is told to stop, or dies while calls ring', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start();
  }, TIMEOUT_MS);

  afterEach(async () => {
    await fleet.stop();
  });

  /** What an end saw of a call that it should not have: refusals, silence, repeated requests. */
  function faults(calls: readonly HeldCall[]): string[] {
    return calls.flatMap((call) =>
      ENDS.flatMap((end) => {
        const { entries, errors } = call[end].ledger;
        const refused = entries.filter((entry) => entry.way === 'received' && entry.status >= 300);
        return [
          ...errors,
          ...refused.map((entry) => `${call.caller.name} ${end}: ${entry.method} ${entry.status}`),
        ];
      }),
    );
  }

  test(
    'SIGTERM moves its calls without losing a message, relays 32 s more and ends with 0',
    async () => {
      const pod = fleet.pod(0);
      const calls = await fleet.hold(CALLS, pod);
      const stops = [fleet.callers, fleet.callees].map((phone) => phone.keepSending('INFO', INFO_EVERY_MS));
      const ended = pod.ended();
      pod.signal('SIGTERM');
      await fleet.allRehomed(calls);
      await pause(TALKS_MS);
      for (const stop of stops) stop();
      await pause(INFO_EVERY_MS);
      expect(faults(calls)).toEqual([]);
      for (const call of calls) {
        await holdAndResume(call, 'caller');
        await hangUp(call, 'callee');
      }
      expect(await ended).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    'calls that ring when their pod dies are lost, and counted',
    async () => {
      fleet.callees.rule = ({ method }) =>
        method === 'INVITE'
          ? { status: 200, delayMs: TIMEOUT_MS, provisional: [{ status: 180 }] }
          : undefined;
      for (let call = 0; call < RINGING; call++) fleet.ring(fleet.pod(0));
      await pause(RINGS_MS);
      await fleet.pod(0).kill();
      const survivors = [fleet.pod(1), fleet.pod(2)];
      await until(
        async () => (await lostRinging(survivors)) === 7,
        COUNTED_WITHIN_MS,
        'the lost calls to be counted',
      );
      expect(await lostRinging(survivors)).toBe(7);
    },
    TIMEOUT_MS,
  );
});

async function lostRinging(pods: readonly StaticPod[]): Promise<number> {
  let sum = 0;
  for (const pod of pods) {
    const metrics = await (await fetch(`${pod.url}/metrics`)).text();
    sum += Number(/^rehome_calls_lost_total\{reason="ringing"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
  }
  return sum;
}
