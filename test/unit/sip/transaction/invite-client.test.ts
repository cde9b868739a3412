import { describe, expect, it } from '@jest/globals';
import {
  createInviteClient,
  hasProvisional,
  type InviteClient,
} from '../../../../src/sip/transaction/invite-client.ts';
import type { TransactionOptions } from '../../../../src/sip/transaction/timers.ts';
import { requestText } from './messages.ts';
import { TCP, UDP, VirtualRun } from './virtual-run.ts';

const INVITE = requestText('INVITE');

function calling(options: TransactionOptions = UDP): VirtualRun<InviteClient> {
  const run = new VirtualRun(createInviteClient(INVITE, options));
  run.start();
  return run;
}

const reach = {
  calling,
  proceeding: (options?: TransactionOptions) => {
    const run = calling(options);
    run.response(180);
    return run;
  },
  completed: () => {
    const run = calling();
    run.response(486);
    return run;
  },
  accepted: (options?: TransactionOptions) => {
    const run = calling(options);
    run.response(200);
    return run;
  },
  terminated: () => {
    const run = calling(TCP);
    run.response(486);
    return run;
  },
};

type State = keyof typeof reach;

describe('timers', () => {
  it('A doubles without bound from T1, B gives up after 64*T1', () => {
    const run = calling();
    expect(run.advance(31_999).every((entry) => entry === 'send INVITE')).toBe(true);
    expect(run.sendTimes()).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
    expect(run.sent.every(({ text }) => text === INVITE)).toBe(true);
  });

  it('A is off over a reliable transport, B is not', () => {
    const run = calling(TCP);
    expect(run.advance(31_999)).toEqual([]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('A and B stop with the first provisional response', () => {
    const run = reach.proceeding();
    expect(run.timers.size).toBe(0);
    expect(run.advance(600_000)).toEqual([]);
  });

  it('D absorbs copies of a refusal for 64*T1', () => {
    const run = reach.completed();
    expect(run.advance(31_999)).toEqual([]);
    expect(run.response(486)).toEqual(['send ACK']);
    expect(run.advance(1)).toEqual(['finished']);
  });

  it('D is zero over a reliable transport', () => {
    const run = calling(TCP);
    expect(run.response(486)).toEqual(['deliver 486', 'send ACK', 'finished']);
  });

  it.each([UDP, TCP])('M keeps an accepted INVITE for 64*T1', (options) => {
    const run = reach.accepted(options);
    expect(run.advance(31_999)).toEqual([]);
    expect(run.advance(1)).toEqual(['finished']);
  });
});

describe('each state and input', () => {
  it.each<[State, number, string[], InviteClient['state']]>([
    ['calling', 100, ['deliver 100'], 'proceeding'],
    ['calling', 200, ['deliver 200'], 'accepted'],
    ['calling', 302, ['deliver 302', 'send ACK'], 'completed'],
    ['proceeding', 183, ['deliver 183'], 'proceeding'],
    ['proceeding', 200, ['deliver 200'], 'accepted'],
    ['proceeding', 603, ['deliver 603', 'send ACK'], 'completed'],
    ['completed', 180, [], 'completed'],
    ['completed', 200, [], 'completed'],
    ['completed', 486, ['send ACK'], 'completed'],
    ['accepted', 180, [], 'accepted'],
    ['accepted', 200, ['deliver 200'], 'accepted'],
    ['accepted', 486, [], 'accepted'],
    ['terminated', 180, [], 'terminated'],
    ['terminated', 200, [], 'terminated'],
    ['terminated', 486, [], 'terminated'],
  ])('%s, %i: %j, then %s', (state, status, effects, next) => {
    const run = reach[state]();
    expect(run.response(status)).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  it.each<[State, string[], InviteClient['state']]>([
    ['calling', ['transportFailed', 'finished'], 'terminated'],
    ['proceeding', [], 'proceeding'],
    ['completed', ['transportFailed', 'finished'], 'terminated'],
    ['accepted', [], 'accepted'],
    ['terminated', [], 'terminated'],
  ])('%s, transport error: %j, then %s', (state, effects, next) => {
    const run = reach[state]();
    expect(run.transportError()).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  const states: State[] = ['calling', 'proceeding', 'completed', 'accepted', 'terminated'];
  it.each(states)('%s refuses inputs of a server, and a second start', (state) => {
    const run = reach[state]();
    expect(run.request('INVITE')).toEqual([]);
    expect(run.request('ACK')).toEqual([]);
    expect(run.respond(200)).toEqual([]);
    expect(state === 'calling' ? [] : run.start()).toEqual([]);
    expect(run.tx.state).toBe(state);
  });

  it.each<[State, string]>([
    ['calling', 'DM'],
    ['proceeding', 'ABDM'],
    ['completed', 'ABM'],
    ['accepted', 'ABD'],
    ['terminated', 'ABDM'],
  ])('%s refuses late timers %s', (state, timers) => {
    const run = reach[state]();
    for (const timer of timers) expect(run.input({ type: 'timer', timer: timer as 'A' })).toEqual([]);
    expect(run.tx.state).toBe(state);
  });
});

it('each copy of a refusal gets the same ACK', () => {
  const run = reach.completed();
  run.response(486);
  const acks = run.sent.filter(({ text }) => text.startsWith('ACK')).map(({ text }) => text);
  expect(acks).toHaveLength(2);
  expect(acks[0]).toBe(acks[1]);
  expect(acks[0]).toContain('branch=z9hG4bKa1;rport\r\n');
});

it('a 2xx of another branch of a fork is delivered as well', () => {
  const run = reach.accepted();
  expect(run.response(200, 'INVITE', 't2')).toEqual(['deliver 200']);
});

it('a CANCEL may go out between the first provisional and the final response', () => {
  expect(hasProvisional(reach.calling().tx)).toBe(false);
  const run = reach.proceeding();
  expect(hasProvisional(run.tx)).toBe(true);
  run.response(487);
  expect(hasProvisional(run.tx)).toBe(false);
  expect(hasProvisional(reach.accepted().tx)).toBe(false);
});

it('an accepted INVITE does not keep its request', () => {
  expect(reach.accepted().tx.request).toBe('');
});
