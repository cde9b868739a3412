import { describe, expect, it } from '@jest/globals';
import {
  createNonInviteClient,
  type NonInviteClient,
} from '../../../../src/sip/transaction/non-invite-client.ts';
import type { TransactionOptions } from '../../../../src/sip/transaction/timers.ts';
import { requestText } from './messages.ts';
import { TCP, UDP, VirtualRun } from './virtual-run.ts';

function trying(options: TransactionOptions = UDP): VirtualRun<NonInviteClient> {
  const run = new VirtualRun(createNonInviteClient(requestText('BYE'), options));
  run.start();
  return run;
}

const reach = {
  trying,
  proceeding: () => {
    const run = trying();
    run.response(100, 'BYE');
    return run;
  },
  completed: () => {
    const run = trying();
    run.response(200, 'BYE');
    return run;
  },
  terminated: () => {
    const run = trying(TCP);
    run.response(200, 'BYE');
    return run;
  },
};

type State = keyof typeof reach;

describe('timers', () => {
  it('E doubles from T1 to T2, F gives up after 64*T1', () => {
    const run = trying();
    run.advance(31_999);
    expect(run.sendTimes()).toEqual([
      0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('E goes on at T2 after a provisional response', () => {
    const run = reach.proceeding();
    run.advance(31_999);
    expect(run.sendTimes()).toEqual([0, 500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('E is off over a reliable transport, F is not', () => {
    const run = trying(TCP);
    expect(run.advance(31_999)).toEqual([]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('K absorbs copies of the final response for T4', () => {
    const run = reach.completed();
    expect(run.advance(4999)).toEqual([]);
    expect(run.advance(1)).toEqual(['finished']);
  });

  it('K is zero over a reliable transport', () => {
    expect(trying(TCP).response(200, 'BYE')).toEqual(['deliver 200', 'finished']);
  });
});

describe('each state and input', () => {
  it.each<[State, number, string[], NonInviteClient['state']]>([
    ['trying', 100, ['deliver 100'], 'proceeding'],
    ['trying', 200, ['deliver 200'], 'completed'],
    ['trying', 481, ['deliver 481'], 'completed'],
    ['proceeding', 100, ['deliver 100'], 'proceeding'],
    ['proceeding', 200, ['deliver 200'], 'completed'],
    ['completed', 100, [], 'completed'],
    ['completed', 200, [], 'completed'],
    ['terminated', 100, [], 'terminated'],
    ['terminated', 200, [], 'terminated'],
  ])('%s, %i: %j, then %s', (state, status, effects, next) => {
    const run = reach[state]();
    expect(run.response(status, 'BYE')).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  it.each<[State, string[], NonInviteClient['state']]>([
    ['trying', ['transportFailed', 'finished'], 'terminated'],
    ['proceeding', ['transportFailed', 'finished'], 'terminated'],
    ['completed', [], 'completed'],
    ['terminated', [], 'terminated'],
  ])('%s, transport error: %j, then %s', (state, effects, next) => {
    const run = reach[state]();
    expect(run.transportError()).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  const states: State[] = ['trying', 'proceeding', 'completed', 'terminated'];
  it.each(states)('%s refuses inputs of a server, and a second start', (state) => {
    const run = reach[state]();
    expect(run.request('BYE')).toEqual([]);
    expect(run.respond(200)).toEqual([]);
    expect(state === 'trying' ? [] : run.start()).toEqual([]);
    expect(run.tx.state).toBe(state);
  });

  it.each<[State, string]>([
    ['trying', 'K'],
    ['proceeding', 'K'],
    ['completed', 'EF'],
    ['terminated', 'EFK'],
  ])('%s refuses late timers %s', (state, timers) => {
    const run = reach[state]();
    for (const timer of timers) expect(run.input({ type: 'timer', timer: timer as 'E' })).toEqual([]);
    expect(run.tx.state).toBe(state);
  });
});
