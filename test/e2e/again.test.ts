import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause } from '../../src/local/until.ts';
import {
  ENDS,
  Fleet,
  hangUp,
  holdAndResume,
  rehomeFaults,
  requestThrough,
  type End,
  type HeldCall,
} from './fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 10;
const SETTLES_MS = 1_000;
const WAKES_MS = 2_000;

describe('pods that come back', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start();
  }, TIMEOUT_MS);

  afterEach(async () => {
    await fleet.stop();
  });

  /** Fails the pod that the calls are shown and follows them to the next one. */
  async function failOver(calls: HeldCall[], signal: NodeJS.Signals): Promise<void> {
    const pods = new Set(calls.map((call) => call.pod));
    for (const pod of pods) {
      pod.signal(signal);
      if (signal === 'SIGKILL') await pod.ended();
    }
    await fleet.allRehomed(calls);
  }

  function shown(call: HeldCall): StaticPod {
    const pod = fleet.podShown(call, 'caller');
    if (pod === undefined) throw new Error(`${call.caller.name} is at no pod`);
    return pod;
  }

  test(
    'one call outlives three failovers, the dead pods restarted between',
    async () => {
      const [first] = await fleet.hold(1, fleet.pod(0));
      if (first === undefined) throw new Error('no call');
      let call = first;
      const faults: string[] = [];
      for (let round = 1; round <= 3; round += 1) {
        const dead = call.pod;
        await failOver([call], 'SIGKILL');
        faults.push(...ENDS.flatMap((end) => rehomeFaults(fleet, call, end)));
        call = { ...call, pod: shown(call) };
        await holdAndResume(call, round % 2 === 0 ? 'caller' : 'callee');
        dead.start();
        await fleet.cluster.ready();
        // The restarted pod must hold a copy before the next failure.
        await pause(WAKES_MS);
      }
      await hangUp(call, 'callee');
      expect([...faults, ...call.caller.ledger.errors, ...call.callee.ledger.errors]).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a stopped owner that wakes up sends nothing by itself, and hands on what it gets',
    async () => {
      const sleeper = fleet.pod(0);
      const calls = await fleet.hold(CALLS, sleeper);
      await failOver(calls, 'SIGSTOP');
      await pause(SETTLES_MS);
      const seen = countSeen(calls);
      sleeper.signal('SIGCONT');
      await pause(WAKES_MS);
      expect(countSeen(calls)).toEqual(seen);
      for (const call of calls) {
        for (const end of ENDS) expect(await requestThrough(call, end, sleeper)).toBe(200);
      }
      for (const call of calls) await hangUp(call, 'callee');
      expect(calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a pod restarted on its address and port hands on what is sent to it',
    async () => {
      const restarted = fleet.pod(0);
      const calls = await fleet.hold(CALLS, restarted);
      await failOver(calls, 'SIGKILL');
      restarted.start();
      await fleet.cluster.ready();
      for (const call of calls) {
        for (const end of ENDS) expect(await requestThrough(call, end, restarted)).toBe(200);
        await hangUp(call, 'caller');
      }
    },
    TIMEOUT_MS,
  );

  test(
    'a request reaches the far end through any pod, with no failure at all',
    async () => {
      const [call] = await fleet.hold(1, fleet.pod(0));
      if (call === undefined) throw new Error('no call');
      const ways = fleet.pods.flatMap((pod) => ENDS.map((end): [End, StaticPod] => [end, pod]));
      for (const [end, pod] of ways) expect(await requestThrough(call, end, pod)).toBe(200);
      await hangUp(call, 'caller');
    },
    TIMEOUT_MS,
  );

  test(
    'calls in which both ends keep talking are moved, too',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const quiet = [fleet.callers.keepSending('INFO', 250), fleet.callees.keepSending('INFO', 250)];
      await failOver(calls, 'SIGKILL');
      await pause(WAKES_MS);
      for (const stop of quiet) stop();
      for (const call of calls) await hangUp(call, 'caller');
      const refused = calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors));
      // What was sent to the dead process is lost; anything else is not.
      expect(refused.filter((error) => !error.startsWith('no answer to INFO at'))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** Messages that each end of each call has received. */
function countSeen(calls: readonly HeldCall[]): number[] {
  return calls.flatMap((call) =>
    ENDS.map((end) => call[end].ledger.entries.filter((entry) => entry.way === 'received').length),
  );
}
