import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fleet, requestThrough } from './fleet.ts';

const TIMEOUT_MS = 90_000;
const CALLS = 4;

describe('a pod that stops answering while it has been given requests', () => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start({ caller: { transport: 'TCP', timing: { t1Ms: 500, t2Ms: 4000 } } });
  }, TIMEOUT_MS);

  afterEach(async () => {
    await fleet.stop();
  });

  test(
    'does not take them with it, though nobody repeats what was sent over TCP',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      fleet.pod(0).signal('SIGSTOP');
      const statuses = await Promise.all(calls.map((call) => requestThrough(call, 'caller', fleet.pod(2))));
      expect(statuses).toEqual(calls.map(() => 200));
      for (const { callee } of calls) expect(callee.ledger.requests('received', 'INFO')).toHaveLength(1);
    },
    TIMEOUT_MS,
  );
});
