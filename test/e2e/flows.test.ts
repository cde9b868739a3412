import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OnePod, type PairOptions } from './one-pod.ts';
import { sippThere } from './sipp.ts';
import { expectRequest, expectResponse, request } from './sipp-steps.ts';
import {
  ANSWERS,
  asks,
  CALLS,
  grants,
  HANGS_UP,
  IS_HUNG_UP_ON,
  SDP,
  STANDARD_FLOWS,
} from './standard-flows.ts';

const TIMEOUT_MS = 60_000;
const runs = sippThere() ? describe : describe.skip;

runs('sipp calls through one pod', () => {
  let pod: OnePod;

  beforeAll(async () => {
    pod = await OnePod.start();
  }, TIMEOUT_MS);

  afterAll(async () => {
    await pod.stop();
  });

  afterEach(async () => {
    await pod.forgotten();
  }, TIMEOUT_MS);

  async function bothSucceed(pair: PairOptions): Promise<void> {
    const calls = pair.calls ?? 5;
    const { caller, callee } = await pod.run(pair);
    const seen = { caller: [caller.successful, caller.failed], callee: [callee.successful, callee.failed] };
    const wanted = { caller: [calls, 0], callee: [calls, 0] };
    expect({
      ...seen,
      errors: seen.caller[1] || seen.callee[1] ? caller.errors + callee.errors : '',
    }).toEqual({
      ...wanted,
      errors: '',
    });
  }

  test.each(STANDARD_FLOWS)(
    '%s',
    async (_name, caller, callee) => {
      await bothSucceed({ caller, callee });
      expect.hasAssertions();
    },
    TIMEOUT_MS,
  );

  test(
    'several hundred calls at once of sipp’s own scenarios, none of them with a repeated message',
    async () => {
      const pair: PairOptions = {
        caller: 'uac',
        callee: 'uas',
        calls: 400,
        rate: 100,
        limit: 400,
        lengthMs: 3000,
      };
      const { caller, callee } = await pod.run(pair);
      expect({
        ok: caller.successful,
        failed: caller.failed + callee.failed,
        again: caller.retransmissions,
      }).toEqual({
        ok: 400,
        failed: 0,
        again: 0,
      });
    },
    TIMEOUT_MS,
  );

  const transports: ['UDP' | 'TCP', 'UDP' | 'TCP'][] = [['TCP', 'UDP']];

  test.each(transports)(
    'a %s caller of a %s callee',
    async (callerTransport, calleeTransport) => {
      await bothSucceed({
        caller: [...CALLS, ...asks('INVITE', SDP), request('ACK'), ...HANGS_UP],
        callee: [...ANSWERS, ...grants('INVITE', SDP), expectRequest('ACK'), ...IS_HUNG_UP_ON],
        callerTransport,
        calleeTransport,
      });
      expect.hasAssertions();
    },
    TIMEOUT_MS,
  );

  test(
    'the callee sees nothing of the caller’s address',
    async () => {
      const hidden = [{ pattern: `${pod.caller.address}[^0-9]`, absent: true }];
      await bothSucceed({
        caller: [...CALLS, ...HANGS_UP],
        callee: [
          expectRequest('INVITE', {
            checks: [
              { header: 'Contact', ...hidden[0] },
              { header: 'Via', ...hidden[0] },
            ] as never,
          }),
          ...ANSWERS.slice(1),
          ...IS_HUNG_UP_ON,
        ],
      });
      expect.hasAssertions();
    },
    TIMEOUT_MS,
  );

  test(
    'requests outside of a dialog: OPTIONS is answered, REGISTER is not allowed',
    async () => {
      const options = await pod.call([request('OPTIONS'), expectResponse(200)]);
      const register = await pod.call([
        request('REGISTER'),
        expectResponse(405, { checks: [{ header: 'Allow', pattern: 'INVITE' }] }),
      ]);
      expect([options.exitCode, register.exitCode]).toEqual([0, 0]);
    },
    TIMEOUT_MS,
  );
});
