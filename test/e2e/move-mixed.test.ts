import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import type { End, Fleet, HeldCall } from './fleet.ts';
import { SteeredFleet } from './steered-fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 18;
const MOVES = 4;
const IDLE_MS = 150;
const SHORT_MS = 400;
const SETTLES_MS = 500;
const REHOMED_WITHIN_MS = 30_000;

/** What an end does in a call; each gives its final status. */
type Action = (call: HeldCall, end: End) => Promise<{ status: number }>;

const ACTIONS: Readonly<Record<string, Action>> = {
  INFO: (call, end) => call[end].request('INFO'),
  MESSAGE: (call, end) => call[end].request('MESSAGE'),
  hold: (call, end) => call[end].hold(),
  resume: (call, end) => call[end].resume(),
  UPDATE: (call, end) => call[end].update('sendrecv'),
};
/** Offers of both ends may meet each other, or the pod's own (RFC 3261 §14.1, RFC 3311 §5.2). */
const MAY_MEET = new Set(['hold', 'resume', 'UPDATE']);

describe('calls in which everything goes on while they are moved there and back', () => {
  let steered: SteeredFleet;
  let fleet: Fleet;
  let moving: boolean;
  let faults: string[];
  let done: number;

  beforeEach(async () => {
    steered = await SteeredFleet.start();
    ({ fleet } = steered);
    moving = true;
    faults = [];
    done = 0;
  }, TIMEOUT_MS);

  afterEach(async () => {
    moving = false;
    await steered.stop();
  });

  function note(what: string, status: number): void {
    done += 1;
    const met = status === 491 && MAY_MEET.has(what.split(' ')[0] ?? '');
    if (status !== 200 && !met) faults.push(`${what}: ${String(status)}`);
  }

  /** One thing after another from both ends; calls that exchange offers do so by one method. */
  async function use(call: HeldCall, index: number): Promise<void> {
    const offers = index % 2 === 0 ? ['hold', 'resume'] : ['UPDATE'];
    const names = ['INFO', 'MESSAGE', ...offers];
    for (let turn = 0; moving; turn += 1) {
      const name = names[turn % names.length] ?? 'INFO';
      const end = (turn + index) % 3 === 0 ? 'callee' : 'caller';
      const { status } = (await ACTIONS[name]?.(call, end)) ?? { status: 0 };
      note(`${name} of the ${end} of ${call.caller.name}`, status);
      await pause(Math.random() * IDLE_MS);
    }
  }

  /** Short calls, hung up by either end, through one pod. */
  async function ringAndHangUp(index: number): Promise<void> {
    for (let turn = 0; moving; turn += 1) {
      const [call] = await fleet.hold(1, fleet.pod(index));
      if (call === undefined) return;
      await pause(Math.random() * SHORT_MS);
      const { status } = await call[turn % 2 === 0 ? 'caller' : 'callee'].bye();
      note(`BYE of ${call.caller.name}`, status);
    }
  }

  test(
    'are answered every time, and none of them ends',
    async () => {
      const calls = await fleet.hold(CALLS, fleet.pod(0));
      const work = [...calls.map(use), ...[0, 1, 2].map(ringAndHangUp)];
      for (let move = 0; move < MOVES; move += 1) {
        const [from, to] = move % 2 === 0 ? [0, 1] : [1, 0];
        await steered.move(from, to);
        await until(
          () => steered.elsewhere(calls, to).length === 0,
          REHOMED_WITHIN_MS,
          `${steered.elsewhere(calls, to).join(', ')} to move`,
        );
        await pause(SETTLES_MS);
        await steered.steering.tell(fleet.pod(from));
      }
      moving = false;
      await Promise.all(work);
      expect(faults).toEqual([]);
      expect(done).toBeGreaterThan(CALLS * MOVES);
      const phones = [...fleet.callers.calls, ...fleet.callees.calls];
      expect(phones.flatMap(({ ledger }) => ledger.errors)).toEqual([]);
      expect(calls.flatMap(({ caller, callee }) => [caller.state, callee.state])).toEqual(
        calls.flatMap(() => ['answered', 'answered']),
      );
    },
    TIMEOUT_MS,
  );
});
