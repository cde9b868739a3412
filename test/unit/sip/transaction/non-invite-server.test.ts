import { describe, expect, it } from '@jest/globals';
import {
  createNonInviteServer,
  type NonInviteServer,
} from '../../../../src/sip/transaction/non-invite-server.ts';
import type { TransactionOptions } from '../../../../src/sip/transaction/timers.ts';
import { parsed, requestText } from './messages.ts';
import { TCP, UDP, VirtualRun } from './virtual-run.ts';

function trying(options: TransactionOptions = UDP): VirtualRun<NonInviteServer> {
  const run = new VirtualRun(createNonInviteServer(parsed(requestText('INFO')), options));
  run.start();
  return run;
}

const reach = {
  trying,
  proceeding: () => {
    const run = trying();
    run.advance(3500);
    return run;
  },
  completed: () => {
    const run = trying();
    run.respond(200);
    return run;
  },
  terminated: () => {
    const run = trying(TCP);
    run.respond(200);
    return run;
  },
};

type State = keyof typeof reach;

describe('timers', () => {
  it('J answers copies of the request for 64*T1', () => {
    const run = reach.completed();
    expect(run.advance(31_999)).toEqual([]);
    expect(run.request('INFO')).toEqual(['send 200']);
    expect(run.advance(1)).toEqual(['finished']);
  });

  it('J is zero over a reliable transport', () => {
    expect(trying(TCP).respond(200)).toEqual(['send 200', 'finished']);
  });
});

describe('RFC 4320', () => {
  it.each([UDP, TCP])('sends a 100 by itself when a client has slowed down to T2', (options) => {
    const run = trying(options);
    expect(run.advance(3499)).toEqual([]);
    expect(run.advance(1)).toEqual(['send 100']);
    expect(run.sent[0]?.text).toMatch(/^SIP\/2\.0 100 Trying\r\nVia: .*\r\nVia: /);
    expect(run.respond(200)).toContain('send 200');
  });

  it('sends no 100 after a final response', () => {
    expect(reach.completed().advance(10_000)).toEqual([]);
  });

  it('holds back an early 100 over UDP, but not over TCP', () => {
    expect(trying(UDP).respond(100)).toEqual([]);
    const run = trying(TCP);
    expect(run.respond(100)).toEqual(['send 100']);
    expect(run.advance(10_000)).toEqual([]);
  });

  it('sends no other provisional response', () => {
    expect(trying(TCP).respond(183)).toEqual([]);
    expect(reach.proceeding().respond(183)).toEqual([]);
  });

  it('never sends a 408, and answers no copy of that request', () => {
    const run = trying();
    expect(run.respond(408)).toEqual([]);
    expect(run.tx.state).toBe('completed');
    expect(run.request('INFO')).toEqual([]);
    expect(run.advance(32_000)).toEqual(['finished']);
    expect(trying(TCP).respond(408)).toEqual(['finished']);
  });

  it('answers no copy with an old 100 after a 408', () => {
    const run = reach.proceeding();
    run.respond(408);
    expect(run.request('INFO')).toEqual([]);
  });
});

describe('each state and input', () => {
  it.each<[State, number, string[], NonInviteServer['state']]>([
    ['trying', 200, ['send 200'], 'completed'],
    ['trying', 481, ['send 481'], 'completed'],
    ['proceeding', 100, ['send 100'], 'proceeding'],
    ['proceeding', 200, ['send 200'], 'completed'],
    ['completed', 100, [], 'completed'],
    ['completed', 500, [], 'completed'],
    ['terminated', 100, [], 'terminated'],
    ['terminated', 500, [], 'terminated'],
  ])('%s, respond %i: %j, then %s', (state, status, effects, next) => {
    const run = reach[state]();
    expect(run.respond(status)).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  it.each<[State, string[]]>([
    ['trying', []],
    ['proceeding', ['send 100']],
    ['completed', ['send 200']],
    ['terminated', []],
  ])('%s, a copy of the request: %j', (state, effects) => {
    const run = reach[state]();
    expect(run.request('INFO')).toEqual(effects);
    expect(run.tx.state).toBe(state);
  });

  it.each<[State, string[]]>([
    ['trying', []],
    ['proceeding', ['transportFailed']],
    ['completed', ['transportFailed']],
    ['terminated', []],
  ])('%s, transport error: %j, and the state stays', (state, effects) => {
    const run = reach[state]();
    expect(run.transportError()).toEqual(effects);
    expect(run.tx.state).toBe(state);
  });

  const states: State[] = ['trying', 'proceeding', 'completed', 'terminated'];
  it.each(states)('%s refuses inputs of a client, and a second start', (state) => {
    const run = reach[state]();
    expect(run.response(200, 'INFO')).toEqual([]);
    expect(state === 'trying' ? [] : run.start()).toEqual([]);
    expect(run.tx.state).toBe(state);
  });

  it.each<[State, string]>([
    ['trying', 'J'],
    ['proceeding', 'J'],
    ['terminated', 'J'],
  ])('%s refuses a late timer %s', (state, timer) => {
    expect(reach[state]().input({ type: 'timer', timer: timer as 'J' })).toEqual([]);
  });

  it.each<State>(['proceeding', 'completed', 'terminated'])('%s refuses a late 100', (state) => {
    expect(reach[state]().input({ type: 'timer', timer: 'Trying' })).toEqual([]);
  });
});
