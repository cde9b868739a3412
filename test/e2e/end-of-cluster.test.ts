import { afterEach, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { ENDS, Fleet, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 5;
const WAIT_S = 4;
const WITHIN_MS = 30_000;

let fleet: Fleet;

afterEach(async () => {
  await fleet.stop();
});

async function start(pods: number, deletionWait: string): Promise<HeldCall[]> {
  fleet = await Fleet.start({
    pods,
    configure: (config) => {
      config['drain'] = { deletionWait };
    },
  });
  return fleet.hold(CALLS, fleet.pod(0));
}

/** Reasons of the BYEs that the ends of calls got, each once. */
function byeReasons(calls: readonly HeldCall[]): (string | undefined)[][] {
  return calls.map((call) =>
    ENDS.map((end) => {
      const bye = call[end].ledger.entries.find(
        (entry) => entry.way === 'received' && entry.method === 'BYE' && entry.status === 0,
      );
      return bye && /^Reason: (.*)$/m.exec(bye.text)?.[1]?.trim();
    }),
  );
}

async function allEnded(calls: readonly HeldCall[]): Promise<void> {
  for (const call of calls)
    for (const end of ENDS)
      await until(
        () => call[end].state === 'ended',
        WITHIN_MS,
        `the BYE to the ${end} of ${call.caller.name}`,
      );
}

const REASON = 'SIP;cause=503;text="Service Unavailable"';
const TOLD = Array.from({ length: CALLS }, () => [REASON, REASON]);

describe('pods that are told to stop when nobody stays', () => {
  test(
    'the only pod keeps its calls for deletionWait, says BYE to both sides and ends with 0',
    async () => {
      const calls = await start(1, `${String(WAIT_S)}s`);
      const pod = fleet.pod(0);
      const ended = pod.ended();
      const told = Date.now();
      pod.signal('SIGTERM');
      await allEnded(calls);
      expect(Date.now() - told).toBeGreaterThanOrEqual(WAIT_S * 1000);
      expect(byeReasons(calls)).toEqual(TOLD);
      expect(await ended).toBe(0);
      expect(pod.logTail()).toContain('CALLS_ENDED');
      expect(calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'all pods at once: those without calls stay for the votes of the one that has some',
    async () => {
      const calls = await start(3, `${String(WAIT_S)}s`);
      const ended = fleet.pods.map((pod) => pod.ended());
      for (const pod of fleet.pods) pod.signal('SIGTERM');
      await allEnded(calls);
      expect(byeReasons(calls)).toEqual(TOLD);
      expect(await Promise.all(ended)).toEqual([0, 0, 0]);
    },
    TIMEOUT_MS,
  );

  test(
    'without calls they end at once',
    async () => {
      await start(1, '60s').then(async (calls) => {
        for (const call of calls) await call.caller.bye();
      });
      const pod = fleet.pod(0);
      const ended = pod.ended();
      pod.signal('SIGTERM');
      await until(() => !pod.running, WITHIN_MS, 'the pod to end');
      expect(await ended).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    'a pod that comes while they wait gets the calls, and no end hears a BYE',
    async () => {
      const calls = await start(3, '60s');
      const [last, successor, other] = [fleet.pod(0), fleet.pod(1), fleet.pod(2)];
      for (const pod of [last, successor, other]) pod.signal('SIGTERM');
      await pause(2 * WAIT_S * 1000);
      expect(calls.map((call) => fleet.podShown(call, 'caller') === last)).toEqual(calls.map(() => true));
      await successor.kill();
      successor.start();
      await fleet.allRehomed(calls);
      expect(calls.map((call) => fleet.podShown(call, 'callee') === successor)).toEqual(
        calls.map(() => true),
      );
      expect(
        byeReasons(calls)
          .flat()
          .filter((reason) => reason !== undefined),
      ).toEqual([]);
      expect(calls.map((call) => call.caller.state)).toEqual(calls.map(() => 'answered'));
    },
    TIMEOUT_MS,
  );
});
