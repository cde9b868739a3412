import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { H } from '../../../src/sip/index.ts';
import { hostPort } from '../../../src/local/phone-address.ts';
import type { PhoneCall } from '../../../src/local/phone-call.ts';
import { Phone } from '../../../src/local/phone.ts';
import { pause, until } from '../../../src/local/until.ts';

const QUICK = { t1Ms: 10, t2Ms: 40 };

describe.each(['UDP', 'TCP'] as const)('two phones on %s sockets of their own', (transport) => {
  let callers: Phone;
  let callees: Phone;

  beforeEach(async () => {
    callers = await Phone.open({ address: '127.0.0.1', transport, timing: QUICK, keepMessages: true });
    callees = await Phone.open({ address: '127.0.0.1', transport, timing: QUICK, keepMessages: true });
  });

  afterEach(async () => {
    await callers.close();
    await callees.close();
  });

  async function talking(name = 'anna'): Promise<{ caller: PhoneCall; callee: PhoneCall }> {
    const caller = callers.place(callees.local, name);
    expect(await caller.established).toBe(200);
    const callee = callees.named(name);
    if (callee === undefined) throw new Error('nobody was called');
    await until(() => callee.state === 'answered', 1000, 'the callee to answer');
    return { caller, callee };
  }

  test('a call is set up, held and resumed from both sides, and ended', async () => {
    const { caller, callee } = await talking();
    expect((await caller.hold()).status).toBe(200);
    expect(callee.sdp.current()).toContain('a=recvonly');
    expect((await caller.resume()).status).toBe(200);
    expect((await callee.hold()).status).toBe(200);
    expect(caller.sdp.current()).toContain('a=recvonly');
    expect((await callee.bye()).status).toBe(200);
    expect([caller.state, callee.state]).toEqual(['ended', 'ended']);
    expect([...caller.ledger.errors, ...callee.ledger.errors]).toEqual([]);
  });

  test('the description keeps its bytes while nothing changes', async () => {
    const { caller } = await talking();
    const before = caller.sdp.current();
    await caller.reinvite();
    expect(caller.sdp.current()).toBe(before);
  });

  test('a re-INVITE moves the far end’s target, and its ledger says so', async () => {
    const { caller, callee } = await talking();
    const other = await Phone.open({ address: '127.0.0.1', timing: QUICK });
    const contact = `<sip:moved@${hostPort(other.local)}>`;
    caller.contact = () => [H.Contact, contact];
    await caller.reinvite();
    expect(callee.dialog.remoteTarget).toBe(contact.slice(1, -1));
    expect(callee.farContact).toBe(hostPort(other.local));
    expect(callee.ledger.reinvites(hostPort(other.local))).toHaveLength(1);
    await other.close();
  });

  test('a refused re-INVITE does not move it', async () => {
    const { caller, callee } = await talking();
    const before = callee.dialog.remoteTarget;
    callee.rule = () => ({ status: 488 });
    caller.contact = () => [H.Contact, '<sip:moved@192.0.2.1>'];
    expect((await caller.reinvite()).status).toBe(488);
    expect(callee.dialog.remoteTarget).toBe(before);
  });

  test('re-INVITEs from both sides at once: 491, and both succeed after their back-off', async () => {
    const { caller, callee } = await talking();
    const outcomes = await Promise.all([caller.reinvite(), callee.reinvite()]);
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200]);
    expect(caller.ledger.entries.some(({ status }) => status === 491)).toBe(true);
  }, 15_000);

  test('lost ACKs: the 2xx is repeated, and ACKed again', async () => {
    const { caller, callee } = await talking();
    let lost = 2;
    callers.loss = (message, way) => way === 'sent' && message.method === 'ACK' && lost-- > 0;
    await caller.reinvite();
    await until(() => callee.ledger.repeats('sent') >= 2, 1000, 'the 2xx to be repeated');
    await pause(20 * QUICK.t1Ms);
    expect(callee.ledger.errors).toEqual([]);
    expect(caller.state).toBe('answered');
  });

  test('no ACK at all ends the call with a BYE', async () => {
    const { caller, callee } = await talking();
    callers.loss = (message, way) => way === 'sent' && message.method === 'ACK';
    await caller.reinvite();
    await until(() => caller.state === 'ended', 5000, 'the BYE');
    expect(callee.ledger.errors).toEqual(['no ACK of CSeq 2']);
  }, 10_000);

  test('nobody answers: 408, and the ledger says which request', async () => {
    const { caller } = await talking();
    callees.loss = () => true;
    expect((await caller.request('INFO')).status).toBe(408);
    expect(caller.ledger.errors[0]).toMatch(/^no answer to INFO at 127\.0\.0\.1:/);
  }, 10_000);

  test.each([false, true])('reliable provisional responses, late offer: %s', async (late) => {
    callees.rule = (request) =>
      request.method === 'INVITE'
        ? {
            status: 200,
            provisional: [
              { status: 183, reliable: true, sdp: true },
              { status: 180, reliable: true },
            ],
          }
        : undefined;
    const caller = callers.place(callees.local, 'anna', { late });
    expect(await caller.established).toBe(200);
    expect(caller.ledger.requests('sent', 'PRACK')).toHaveLength(2);
    expect(callees.named('anna')?.ledger.errors).toEqual([]);
  });

  test('CANCEL while it rings', async () => {
    callees.rule = () => ({ status: 200, provisional: [{ status: 180 }], delayMs: 5000 });
    const caller = callers.place(callees.local, 'anna');
    expect(caller.cancel()).toBe(true);
    expect(await caller.established).toBe(487);
    expect(callees.named('anna')?.state).toBe('failed');
  });

  test('a CSeq that is not above the last one gets 500', async () => {
    const { caller, callee } = await talking();
    expect((await caller.request('INFO', { cseq: 1 })).status).toBe(500);
    expect(callee.ledger.errors).toEqual(['CSeq 1 INFO after 1']);
  });

  test('a request for no call gets 481', async () => {
    const { caller } = await talking();
    caller.dialog.remoteTag = 'unknown';
    expect((await caller.request('INFO')).status).toBe(481);
    expect(callees.strays).toHaveLength(1);
  });

  test('Record-Route of a strict router becomes the Request-URI, and the target the last Route', async () => {
    const { caller } = await talking();
    caller.dialog.routeSet = [`<sip:${hostPort(callees.local)}>`];
    const request = caller.compose('INFO', {});
    expect(request?.text).toMatch(new RegExp(`^INFO sip:${hostPort(callees.local)} SIP/2.0\r\n`));
    expect(request?.text).toContain(`Route: <${caller.dialog.remoteTarget}>\r\n`);
  });

  test('keeps sending a request in every call until it is told to stop', async () => {
    const calls = await Promise.all(['anna', 'bert'].map((name) => talking(name)));
    const stop = callers.keepSending('INFO', 40);
    await until(
      () => calls.every(({ callee }) => callee.ledger.requests('received', 'INFO').length >= 3),
      5000,
      'three rounds',
    );
    stop();
    await pause(100);
    const sent = calls.map(({ caller }) => caller.ledger.requests('sent', 'INFO').length);
    await pause(100);
    expect(calls.map(({ caller }) => caller.ledger.requests('sent', 'INFO').length)).toEqual(sent);
  });
});

test('over UDP a lost response is fetched by a copy of the request, which is not taken twice', async () => {
  const callers = await Phone.open({ address: '127.0.0.1', timing: QUICK });
  const callees = await Phone.open({ address: '127.0.0.1', timing: QUICK });
  const caller = callers.place(callees.local, 'anna');
  await caller.established;
  let lost = 1;
  callees.loss = (message, way) => way === 'sent' && message.cseqMethod === 'INFO' && lost-- > 0;
  expect((await caller.request('INFO')).status).toBe(200);
  const ledger = callees.named('anna')?.ledger;
  expect(ledger?.requests('received', 'INFO')).toHaveLength(1);
  expect(ledger?.repeats('received')).toBe(1);
  await callers.close();
  await callees.close();
});
