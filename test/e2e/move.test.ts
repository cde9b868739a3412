import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hostPort } from '../../src/local/phone-address.ts';
import { Talk, TALK_ENDS } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { pause } from '../../src/local/until.ts';
import { Fleet, hangUp, holdAndResume, type HeldCall } from './fleet.ts';
import { Steering, withControl } from './steering.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 40;
const TALK_EVERY_MS = 200;
const TIMING = { t1Ms: 500, t2Ms: 4000 };
const SETTLES_MS = 1500;
const LAST_ANSWERS_MS = 5000;
const TAGS = Array.from({ length: 6 }, (_, index) => `edge-0${String(index)}`);

describe('a planned move', () => {
  let fleet: Fleet;
  let steering: Steering;

  beforeEach(async () => {
    fleet = await Fleet.start({
      configure: (config, place) => {
        withControl(config, place);
        config['shards'] = TAGS;
        config['placement'] = Object.fromEntries(TAGS.map((tag) => [tag, 'edge-0']));
        config['sip'] = {};
      },
      caller: { timing: TIMING },
      callee: { timing: TIMING },
    });
    const tags = TAGS.map((tag) => ({ tag, group: '', placement: ['edge-0', 'edge-1', 'edge-2'] }));
    steering = new Steering(fleet.pods, tags, hostPort(fleet.callees.local));
    for (const pod of fleet.pods) await steering.tell(pod);
  }, TIMEOUT_MS);

  afterEach(async () => {
    steering.close();
    await fleet.stop();
  });

  /** Stops a talk and says what should not have happened in it. */
  async function faultsOf(talk: Talk): Promise<string[]> {
    await talk.stop(LAST_ANSWERS_MS);
    return new TalkLedger(talk).faults();
  }

  /** Calls whose two ends are not both shown this pod. */
  function elsewhere(calls: readonly HeldCall[], index: number): string[] {
    return calls
      .filter((call) => TALK_ENDS.some((end) => fleet.podShown(call, end) !== fleet.pod(index)))
      .map(({ caller }) => caller.name);
  }

  test(
    'of all tags of a pod loses no message of calls that talk from both ends',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
      await pause(SETTLES_MS);
      await steering.move(fleet.pod(0), fleet.pod(1));
      await fleet.allRehomed(calls);
      await pause(SETTLES_MS);
      expect(await faultsOf(talk)).toEqual([]);
      const sum = new TalkLedger(talk).sum(calls);
      expect(sum).toMatchObject({ alive: CALLS, lost: 0, repeated: 0, reinvites: { least: 1, most: 1 } });
      expect(elsewhere(calls, 1)).toEqual([]);
      const { takeovers } = await steering.report(fleet.pod(1));
      const moved = takeovers.filter(({ claim }) => claim === 'handover');
      expect(moved.map(({ tag }) => tag).sort()).toEqual(TAGS);
      expect(moved.reduce((count, { rehomed }) => count + rehomed, 0)).toBe(CALLS);
      for (const call of calls.slice(0, 3)) {
        await holdAndResume(call, 'caller');
        await hangUp(call, 'callee');
      }
    },
    TIMEOUT_MS,
  );
});
