import { describe, expect, it } from '@jest/globals';
import { createInviteServer, type InviteServer } from '../../../../src/sip/transaction/invite-server.ts';
import type { TransactionOptions } from '../../../../src/sip/transaction/timers.ts';
import { TCP, UDP, VirtualRun } from './virtual-run.ts';

function proceeding(options: TransactionOptions = UDP): VirtualRun<InviteServer> {
  const run = new VirtualRun(createInviteServer(options));
  run.start();
  return run;
}

const reach = {
  proceeding,
  completed: (options?: TransactionOptions) => {
    const run = proceeding(options);
    run.respond(486);
    return run;
  },
  confirmed: () => {
    const run = reach.completed();
    run.request('ACK');
    return run;
  },
  accepted: (options?: TransactionOptions) => {
    const run = proceeding(options);
    run.respond(200);
    return run;
  },
  terminated: (): VirtualRun<InviteServer> => {
    const run = reach.completed(TCP);
    run.request('ACK');
    return run;
  },
};

type State = keyof typeof reach;

describe('timers', () => {
  it('G doubles from T1 to T2, H gives up waiting for the ACK after 64*T1', () => {
    const run = reach.completed();
    run.advance(31_999);
    expect(run.sendTimes()).toEqual([
      0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('G is off over a reliable transport, H is not', () => {
    const run = reach.completed(TCP);
    expect(run.advance(31_999)).toEqual([]);
    expect(run.advance(1)).toEqual(['timeout', 'finished']);
  });

  it('I absorbs copies of the ACK for T4', () => {
    const run = reach.confirmed();
    expect(run.advance(4999)).toEqual([]);
    expect(run.advance(1)).toEqual(['finished']);
  });

  it('I is zero over a reliable transport', () => {
    expect(reach.completed(TCP).request('ACK')).toEqual(['finished']);
  });

  it.each([UDP, TCP])('L absorbs copies of an accepted INVITE for 64*T1', (options) => {
    const run = reach.accepted(options);
    expect(run.advance(31_999)).toEqual([]);
    expect(run.request('INVITE')).toEqual([]);
    expect(run.advance(1)).toEqual(['finished']);
  });

  it('none runs while the transaction user decides', () => {
    expect(proceeding().advance(600_000)).toEqual([]);
  });
});

describe('each state and input', () => {
  it.each<[State, number, string[], InviteServer['state']]>([
    ['proceeding', 100, ['send 100'], 'proceeding'],
    ['proceeding', 183, ['send 183'], 'proceeding'],
    ['proceeding', 200, ['send 200'], 'accepted'],
    ['proceeding', 486, ['send 486'], 'completed'],
    ['completed', 180, [], 'completed'],
    ['completed', 200, [], 'completed'],
    ['completed', 500, [], 'completed'],
    ['confirmed', 180, [], 'confirmed'],
    ['confirmed', 200, [], 'confirmed'],
    ['confirmed', 500, [], 'confirmed'],
    ['accepted', 180, [], 'accepted'],
    ['accepted', 200, ['send 200'], 'accepted'],
    ['accepted', 486, [], 'accepted'],
    ['terminated', 180, [], 'terminated'],
    ['terminated', 200, [], 'terminated'],
    ['terminated', 486, [], 'terminated'],
  ])('%s, respond %i: %j, then %s', (state, status, effects, next) => {
    const run = reach[state]();
    expect(run.respond(status)).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  it.each<[State, string, string[], InviteServer['state']]>([
    ['proceeding', 'INVITE', [], 'proceeding'],
    ['proceeding', 'ACK', [], 'proceeding'],
    ['completed', 'INVITE', ['send 486'], 'completed'],
    ['completed', 'ACK', [], 'confirmed'],
    ['confirmed', 'INVITE', [], 'confirmed'],
    ['confirmed', 'ACK', [], 'confirmed'],
    ['accepted', 'INVITE', [], 'accepted'],
    // The ACK of a client that uses the INVITE's branch again.
    ['accepted', 'ACK', ['deliver ACK'], 'accepted'],
    ['terminated', 'INVITE', [], 'terminated'],
    ['terminated', 'ACK', [], 'terminated'],
  ])('%s, %s: %j, then %s', (state, method, effects, next) => {
    const run = reach[state]();
    expect(run.request(method)).toEqual(effects);
    expect(run.tx.state).toBe(next);
  });

  it.each<[State, string[]]>([
    ['proceeding', ['transportFailed']],
    ['completed', ['transportFailed']],
    ['confirmed', []],
    ['accepted', ['transportFailed']],
    ['terminated', []],
  ])('%s, transport error: %j, and the state stays', (state, effects) => {
    const run = reach[state]();
    expect(run.transportError()).toEqual(effects);
    expect(run.tx.state).toBe(state);
  });

  const states: State[] = ['proceeding', 'completed', 'confirmed', 'accepted', 'terminated'];
  it.each(states)('%s refuses inputs of a client', (state) => {
    const run = reach[state]();
    expect(run.response(200)).toEqual([]);
    expect(run.start()).toEqual([]);
    expect(run.tx.state).toBe(state);
  });

  it.each<[State, string]>([
    ['proceeding', 'GHIL'],
    ['completed', 'IL'],
    ['confirmed', 'GHL'],
    ['accepted', 'GHI'],
    ['terminated', 'GHIL'],
  ])('%s refuses late timers %s', (state, timers) => {
    const run = reach[state]();
    for (const timer of timers) expect(run.input({ type: 'timer', timer: timer as 'G' })).toEqual([]);
    expect(run.tx.state).toBe(state);
  });
});

it('a copy of the INVITE gets the newest provisional response', () => {
  const run = proceeding();
  run.respond(100);
  expect(run.request('INVITE')).toEqual(['send 100']);
  run.respond(180);
  expect(run.request('INVITE')).toEqual(['send 180']);
});
