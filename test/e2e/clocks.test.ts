import { afterEach, expect, test } from '@jest/globals';
import { hostPort } from '../../src/local/phone-address.ts';
import { StaticPod } from '../../src/local/static-pod.ts';
import { until } from '../../src/local/until.ts';
import { Steering, withControl } from './steering.ts';
import { ENDS, Fleet, hangUp, holdAndResume } from './fleet.ts';

const TIMEOUT_MS = 120_000;
const READY_WITHIN_MS = 30_000;
const CALLS = 12;
const HOUR_MS = 3_600_000;
const TAGS = Array.from({ length: 12 }, (_, index) => ({
  tag: `edge-${String(index).padStart(2, '0')}`,
  group: '',
  placement: [],
}));

let fleet: Fleet;
let steering: Steering | undefined;
let shifted: StaticPod | undefined;

afterEach(async () => {
  steering?.close();
  await shifted?.kill();
  await fleet.stop();
});

/** Options of a Node whose wall clock is wrong. */
function wrongBy(ms: number): string {
  const script = `
    const Right = Date;
    const now = () => Right.now() + ${String(ms)};
    globalThis.Date = class extends Right {
      constructor(...parts) {
        super(...(parts.length > 0 ? parts : [now()]));
      }
      static now = now;
    };
    Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + ${String(ms)} });`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}

test.each([-HOUR_MS, HOUR_MS])(
  'a pod whose clock is wrong by %i ms joins and takes calls over, and they are taken over from it',
  async (wrongMs) => {
    fleet = await Fleet.start({ configure: withControl });
    const [first, second] = [fleet.pod(0), fleet.pod(1)];
    // Its earlier process had the right time: its probes were counted from there.
    await second.kill();
    shifted = new StaticPod(second.place, second.files, wrongBy(wrongMs));
    shifted.start();
    await until(async () => (await shifted?.ready()) === true, READY_WITHIN_MS, 'the pod to be ready');
    expect(shifted.logTail()).toContain(new Date(Date.now() + wrongMs).toISOString().slice(0, 13));

    const calls = await fleet.hold(CALLS, first);
    steering = new Steering(fleet.pods, TAGS, hostPort(fleet.callees.local));
    await steering.move(first, second);
    await fleet.allRehomed(calls);
    expect(calls.every((call) => fleet.podShown(call, 'caller') === second)).toBe(true);
    await shifted.kill();
    await fleet.allRehomed(calls.map((call) => ({ ...call, pod: second })));
    for (const call of calls) {
      await holdAndResume(call, 'caller');
      await hangUp(call, 'callee');
    }
    expect(calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual([]);
  },
  TIMEOUT_MS,
);
