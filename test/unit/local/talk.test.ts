import { afterEach, describe, expect, test } from '@jest/globals';
import { H } from '../../../src/sip/index.ts';
import { Phone } from '../../../src/local/phone.ts';
import { Talk, TALK_ENDS, type TalkCall } from '../../../src/local/talk.ts';
import { TalkLedger } from '../../../src/local/talk-ledger.ts';
import { pause, until } from '../../../src/local/until.ts';
import { wallClockMs } from '../../../src/local/wall-clock.ts';

/** 64*T1 = 3.2 s: nothing that is answered at all is repeated, even on a busy machine. */
const PATIENT = { t1Ms: 1000, t2Ms: 4000 };
const QUICK = { t1Ms: 10, t2Ms: 40 };
const EVERY_MS = 50;
const ANSWERED_WITHIN_MS = 5000;

describe('a talk between two phones', () => {
  let callers: Phone;
  let callees: Phone;

  async function open(timing = PATIENT): Promise<TalkCall[]> {
    callers = await Phone.open({ address: '127.0.0.1', timing });
    callees = await Phone.open({ address: '127.0.0.1', timing });
    return Promise.all(
      ['anna', 'bert'].map(async (name) => {
        const caller = callers.place(callees.local, name);
        await caller.established;
        const callee = callees.named(name);
        if (callee === undefined) throw new Error('nobody was called');
        return { caller, callee };
      }),
    );
  }

  /** Talks until every end has sent `rounds` requests. */
  async function talk(
    calls: readonly TalkCall[],
    rounds = 3,
    between = (): void => undefined,
  ): Promise<Talk> {
    const talking = new Talk(calls, { everyMs: EVERY_MS });
    between();
    const ends = calls.flatMap((call) => TALK_ENDS.map((end) => call[end]));
    await until(
      () => ends.every((end) => end.state !== 'answered' || talking.requests(end).length >= rounds),
      ANSWERED_WITHIN_MS,
      'all ends to have their say',
    );
    await talking.stop(ANSWERED_WITHIN_MS);
    return talking;
  }

  function first(calls: readonly TalkCall[]): TalkCall {
    const [call] = calls;
    if (call === undefined) throw new Error('no call');
    return call;
  }

  afterEach(async () => {
    await callers.close();
    await callees.close();
  });

  test('every end asks in turn, and nothing is wrong', async () => {
    const calls = await open();
    const ledger = new TalkLedger(await talk(calls));
    expect(ledger.faults()).toEqual([]);
    const sum = ledger.sum(calls);
    expect(sum).toMatchObject({ calls: 2, alive: 2, lost: 0, repeated: 0, reinvites: { least: 0, most: 0 } });
    expect(sum.answered).toBe(sum.sent);
    expect(sum.sent).toBeGreaterThanOrEqual(12);
  });

  test('no request follows the stop', async () => {
    const calls = await open();
    const { sent } = new TalkLedger(await talk(calls)).sum(calls);
    const talking = await talk(calls);
    const after = new TalkLedger(talking).sum(calls).sent;
    await pause(3 * EVERY_MS);
    expect(new TalkLedger(talking).sum(calls).sent).toBe(after);
    expect(sent).toBeGreaterThan(0);
  });

  test.each([481, 408, 500, 603])('a %s is a fault of its end', async (status) => {
    const calls = await open();
    const { callee } = first(calls);
    let refusals = 1;
    callee.rule = ({ method }) => (method === 'INFO' && refusals-- > 0 ? { status } : undefined);
    const ledger = new TalkLedger(await talk(calls));
    expect(ledger.faults()).toEqual([`anna, caller: ${String(status)} to INFO 2`]);
    expect(ledger.end(first(calls), 'caller').statuses.get(status)).toBe(1);
    expect(ledger.sum(calls)).toMatchObject({ alive: 2, lost: 1, excused: 0 });
  });

  test('a request that nobody answers is lost, and its repeats count', async () => {
    const calls = await open(QUICK);
    callees.loss = (message) => message.cseqMethod === 'INFO' && message.isRequest;
    const ledger = new TalkLedger(await talk(calls, 1));
    expect(ledger.faults()).toContain('anna, caller: 408 to INFO 2');
    expect(ledger.faults().join()).toMatch(/anna, caller: INFO 2 had to be repeated \d+ times/);
  });

  test('what is not answered yet when it stops is lost', async () => {
    const calls = await open();
    callees.rule = ({ method }) => (method === 'INFO' ? 'silence' : undefined);
    const talking = new Talk(calls, { everyMs: EVERY_MS });
    await until(() => talking.requests(first(calls).caller).length > 0, ANSWERED_WITHIN_MS, 'a request');
    expect(await talking.stop(EVERY_MS)).toBe(false);
    expect(new TalkLedger(talking).faults()).toContain('anna, caller: no answer yet to INFO 2');
  });

  test('one repeat is nobody’s fault, two are', async () => {
    const calls = await open({ t1Ms: 200, t2Ms: 400 });
    let lost = new Set<string>();
    const lose = (times: number): void => {
      const left = new Map<string, number>();
      lost = new Set();
      callees.loss = (message, way) => {
        if (way !== 'received' || message.method !== 'INFO') return false;
        const key = `${message.callId} ${message.branch ?? ''}`;
        left.set(key, (left.get(key) ?? times) - 1);
        lost.add(key);
        return (left.get(key) ?? 0) >= 0;
      };
    };
    lose(1);
    const once = new TalkLedger(await talk(calls, 1));
    expect(once.sum(calls).repeated).toBeGreaterThanOrEqual(2);
    expect(once.faults()).toEqual([]);
    lose(2);
    const twice = new TalkLedger(await talk(calls, 1)).faults();
    expect(twice.length).toBe(lost.size);
    expect(twice[0]).toMatch(/, caller: INFO \d+ had to be repeated 2 times$/);
  });

  test('a call that the far side ends is a fault', async () => {
    const calls = await open();
    const ledger = new TalkLedger(await talk(calls, 3, () => void first(calls).callee.bye()));
    expect(ledger.faults()).toContain('anna, caller: the far side hung up');
    expect(ledger.sum(calls).alive).toBe(1);
  });

  test('a request that reaches the far end as two is a fault', async () => {
    const calls = await open();
    const { callee } = first(calls);
    const talking = await talk(calls);
    const entry = callee.ledger.requests('received', 'INFO')[0];
    if (entry === undefined) throw new Error('nothing was received');
    callee.ledger.note({ ...entry, cseq: 99 });
    const sent = talking.requests(first(calls).caller).length;
    expect(new TalkLedger(talking).faults()).toEqual([
      `anna, caller: ${String(sent)} requests became ${String(sent + 1)}`,
    ]);
  });

  test('re-INVITEs and Contacts are counted for each end, within the span', async () => {
    const calls = await open();
    const { caller } = first(calls);
    caller.contact = () => [H.Contact, '<sip:moved@192.0.2.1:5070>'];
    const sinceMs = wallClockMs();
    await caller.reinvite();
    const talking = new Talk(calls, { everyMs: EVERY_MS });
    await talking.stop(ANSWERED_WITHIN_MS);
    const ledger = new TalkLedger(talking);
    const span = { sinceMs, untilMs: wallClockMs() };
    expect(ledger.sum(calls, span).reinvites).toEqual({ least: 0, most: 1 });
    expect(ledger.end(first(calls), 'callee', span).contacts).toEqual(['192.0.2.1:5070']);
    expect(ledger.sum(calls, { ...span, sinceMs: span.untilMs }).reinvites.most).toBe(0);
  });

  test('what is excused is counted as lost, and is no fault', async () => {
    const calls = await open(QUICK);
    const { callee } = first(calls);
    callee.rule = ({ method }) => (method === 'INFO' ? 'silence' : undefined);
    const talking = await talk(calls, 1);
    const ledger = new TalkLedger(talking, (call, end) => call.caller.name === 'anna' && end === 'caller');
    expect(ledger.faults()).toEqual([]);
    const sum = ledger.sum(calls);
    expect(sum.lost).toBeGreaterThan(0);
    expect(sum.excused).toBe(sum.lost);
  });
});
