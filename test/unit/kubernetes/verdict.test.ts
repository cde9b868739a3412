import { describe, expect, test } from '@jest/globals';
import type { CallSummary, EndLedger, RunLedger } from '../../../src/local/phones-program/run-type.ts';
import { faultsOf } from '../../kubernetes/verdict.ts';

const DEAD = { atMs: 10_000, address: '10.0.0.1' };

function end(some: Partial<EndLedger> = {}): EndLedger {
  return {
    ...{ sent: 10, answered: 10, lost: [], late: 0, duplicates: 0, unknown: 0, reinvites: [] },
    ...{ contact: '10.0.0.2:5060', contacts: [], byesReceived: [], faults: [] },
    ...some,
  };
}

function ledger(call: Partial<CallSummary>, strays: string[] = []): RunLedger {
  const whole: CallSummary = {
    ...{ call: 'a-1', through: '10.0.0.9:5060', placedAtMs: 0, answeredAtMs: 1, state: 'ended' },
    ...{ ends: { caller: end(), callee: end() }, hangUpFaults: [] },
    ...call,
  };
  return {
    ...{ run: 'a', startedAtMs: 0, nowMs: 20_000, placing: false },
    ...{ placed: 1, answered: 1, up: 0, ended: 1, failed: 0, calls: [whole], strays },
  };
}

function lostAt(atMs: number, to = '10.0.0.1:5060'): EndLedger {
  const lost = [{ method: 'INFO', cseq: 7, status: 408, atMs, to }];
  return end({ lost, reinvites: [{ atMs: 11_000, contact: '10.0.0.2:5060' }], faults: ['408 to INFO 7'] });
}

describe('the verdict on the calls of a scene', () => {
  test('finds nothing in calls that went well', () => {
    expect(faultsOf(ledger({}))).toEqual([]);
  });

  test.each<[string, Partial<CallSummary>, RegExp]>([
    ['a call that was not set up', { failure: { status: 503, atMs: 1, reason: 'full' } }, /not set up .*503/],
    [
      'a call that a phone complains of',
      { ends: { caller: end({ faults: ['481 to INFO'] }), callee: end() } },
      /481/,
    ],
    ['a request that came twice', { ends: { caller: end(), callee: end({ duplicates: 1 }) } }, /came twice/],
    ['a BYE that failed', { hangUpFaults: ['BYE of the caller: 481'] }, /BYE of the caller/],
  ])('finds %s', (_, call, fault) => {
    expect(faultsOf(ledger(call)).join('\n')).toMatch(fault);
  });

  test('finds a call without a verdict, and messages of nobody', () => {
    const unfinished = ledger({});
    for (const call of unfinished.calls) delete call.ends;
    expect(faultsOf(unfinished)).toEqual(['a-1 is still ended']);
    expect(faultsOf(ledger({}, ['BYE sip:x SIP/2.0']))).toEqual([
      'a: belonged to nothing: BYE sip:x SIP/2.0',
    ]);
  });

  test.each<[string, number, string, number]>([
    ['what went to a dead pod until its successor was heard of', 10_500, '10.0.0.1:5060', 0],
    ['what may have been under way in it', 9500, '10.0.0.1:5060', 0],
    ['what was lost long before', 8000, '10.0.0.1:5060', 1],
    ['what was lost long after', 11_500, '10.0.0.1:5060', 1],
    ['what went to another pod', 10_500, '10.0.0.11:5060', 1],
  ])('with a death, judges %s', (_, atMs, to, faults) => {
    expect(faultsOf(ledger({ ends: { caller: lostAt(atMs, to), callee: end() } }), [DEAD])).toHaveLength(
      faults,
    );
  });

  test.each<[string, string, number]>([
    ['a call that was hung up', 'the far side hung up', 1],
    ['an INVITE that came again and again', 'INVITE 3 came 4 times', 1],
    ['what a phone complains of', 'no answer to OPTIONS at 10.0.0.2:5060', 1],
    ['a request that was late', 'INFO 7 had to be repeated 3 times', 0],
  ])('with a death, judges %s', (_, fault, faults) => {
    const caller = end({ faults: [`a-1, caller: ${fault}`] });
    expect(faultsOf(ledger({ ends: { caller, callee: end() } }), [DEAD])).toHaveLength(faults);
  });

  test('with a death, excuses a request that was overtaken if the far end lost one in it', () => {
    const callee = end({ faults: ['a-1, callee: CSeq 7 INFO after 1008'] });
    expect(faultsOf(ledger({ ends: { caller: lostAt(10_500), callee } }), [DEAD])).toEqual([]);
    expect(faultsOf(ledger({ ends: { caller: end(), callee } }), [DEAD])).toHaveLength(1);
    const twice = end({ faults: [...callee.faults, ...callee.faults] });
    expect(faultsOf(ledger({ ends: { caller: lostAt(10_500), callee: twice } }), [DEAD])).toHaveLength(1);
  });

  test('with a pod that stood still, excuses nothing that was sent once it went on', () => {
    const caller = { ...lostAt(10_500), reinvites: [] };
    const judged = (overMs: number): string[] =>
      faultsOf(ledger({ ends: { caller, callee: end() } }), [{ ...DEAD, overMs }]);
    expect(judged(10_400)).toEqual([]);
    expect(judged(10_200)).toHaveLength(1);
  });

  test('knows the addresses of IPv6', () => {
    const dead = { ...DEAD, address: 'fd00::1' };
    const judged = (to: string): string[] =>
      faultsOf(ledger({ ends: { caller: lostAt(10_500, to), callee: end() } }), [dead]);
    expect(judged('[fd00::1]:5060')).toEqual([]);
    expect(judged('[fd00::12]:5060')).toHaveLength(1);
  });

  test('without a death nothing is excused', () => {
    expect(faultsOf(ledger({ ends: { caller: lostAt(10_500), callee: end() } }))).toHaveLength(1);
  });
});
