import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { StaticPod } from '../../../src/local/static-pod.ts';
import { until } from '../../../src/local/until.ts';
import { Fleet, hangUp, holdAndResume } from '../../e2e/fleet.ts';
import { dropsOf, metricOf } from '../../e2e/pod-metrics.ts';

const TIMEOUT_MS = 60_000;
const WITHIN_MS = 20_000;
/** In the pod's own process: an error that nobody catches, out of an event, at each SIGUSR2. */
const THROWER = "--import=data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('injected')})";
const ERRORS = 3;

let fleet: Fleet | undefined;
let pod: StaticPod | undefined;

afterEach(async () => {
  await pod?.kill();
  await fleet?.stop();
});

test(
  'an error that nobody caught is logged and counted, and the calls of the pod go on',
  async () => {
    fleet = await Fleet.start({ pods: 1 });
    const first = fleet.pod(0);
    await first.kill();
    const again = new StaticPod(first.place, first.files, THROWER);
    pod = again;
    again.start();
    await until(() => again.ready(), WITHIN_MS, 'the pod to be ready');
    const { pid } = again;
    const [call] = await fleet.hold(1, again);
    if (call === undefined) throw new Error('no call');
    for (let thrown = 1; thrown <= ERRORS; thrown++) {
      again.signal('SIGUSR2');
      await until(
        async () => (await metricOf(again, 'rehome_drops_total', 'internal_error')) === thrown,
        WITHIN_MS,
        'the error to be counted',
      );
    }
    expect(await dropsOf(again)).toBe(ERRORS);
    const told = readFileSync(again.files.log, 'utf8').match(/"code":"UNCAUGHT".*injected/g);
    expect(told).toHaveLength(ERRORS);
    await holdAndResume(call, 'caller');
    await hangUp(call, 'callee');
    expect(again.pid).toBe(pid);
  },
  TIMEOUT_MS,
);
