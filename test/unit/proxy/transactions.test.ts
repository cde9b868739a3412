import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Flow } from '../../../src/proxy/flow.ts';
import { Transactions } from '../../../src/proxy/transactions.ts';
import { TimingWheel } from '../../../src/runtime/timing-wheel.ts';
import { parseMessage, SipMessage } from '../../../src/sip/index.ts';

const FLOW: Flow = { listener: 'public', transport: 'UDP', address: '127.0.0.1', port: 5060 };
const BRANCH = 'z9hG4bK1';

let nowMs = 0;
let due: { atMs: number; callback: () => void }[] = [];
let sent: string[] = [];
let failSend: (() => void) | undefined;

function advance(byMs: number): void {
  const untilMs = nowMs + byMs;
  for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
    due.shift();
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
  }
  nowMs = untilMs;
}

function newTransactions(): Transactions {
  const clock = {
    nowMs: () => nowMs,
    after: (delayMs: number, callback: () => void) => {
      due.push({ atMs: nowMs + delayMs, callback });
    },
  };
  const send = (_flow: Flow, text: string, failed?: () => void): void => {
    sent.push(text);
    failSend = failed;
  };
  return new Transactions(new TimingWheel(clock), { t1: 500, t2: 4000, t4: 5000 }, send, () => nowMs);
}

function text(start: string, method: string): string {
  return (
    `${start}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=${BRANCH}\r\nFrom: <sip:a@b>;tag=1\r\n` +
    `To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`
  );
}

function parsed(start: string, method: string): SipMessage {
  const message = parseMessage(text(start, method));
  if (!(message instanceof SipMessage)) throw new Error('no message');
  return message;
}

/** Sends one request; what its user hears is written down. */
function sendOne(transactions: Transactions, method: string, mayAct = (): boolean => true): string[] {
  const heard: string[] = [];
  transactions.openClient(
    { text: text(`${method} sip:c@d SIP/2.0`, method), method, branch: BRANCH, flow: FLOW, mayAct },
    {
      response: ({ status }) => heard.push(String(status)),
      failed: (cause) => heard.push(cause),
    },
  );
  return heard;
}

beforeEach(() => {
  nowMs = 0;
  due = [];
  sent = [];
  failSend = undefined;
});

describe('a request that was sent', () => {
  it.each(['INVITE', 'OPTIONS'])('is repeated until its timeout: %s', (method) => {
    const transactions = newTransactions();
    const heard = sendOne(transactions, method);
    advance(33_000);
    expect(sent.length).toBeGreaterThan(5);
    expect(heard).toEqual(['timeout']);
    expect(transactions.count).toBe(0);
  });

  it.each(['INVITE', 'OPTIONS'])('is not repeated without the lease, but still answered: %s', (method) => {
    const transactions = newTransactions();
    let leased = false;
    const heard = sendOne(transactions, method, () => leased);
    advance(3000);
    expect(sent).toHaveLength(1);
    leased = true;
    advance(600);
    expect(sent).toHaveLength(2);
    expect(transactions.receiveResponse(parsed('SIP/2.0 200 OK', method))).toBe(true);
    expect(heard).toEqual(['200']);
  });

  it('tells its user in time when the lease never comes back', () => {
    const transactions = newTransactions();
    const heard = sendOne(transactions, 'INVITE', () => false);
    advance(33_000);
    expect(sent).toHaveLength(1);
    expect(heard).toEqual(['timeout']);
    expect(transactions.count).toBe(0);
  });

  it('that the transport refuses is told once', () => {
    const transactions = newTransactions();
    const heard = sendOne(transactions, 'OPTIONS');
    failSend?.();
    failSend?.();
    advance(40_000);
    expect(heard).toEqual(['transport']);
    expect(transactions.count).toBe(0);
  });
});

describe('a request that was received', () => {
  it('gets the same response again when it is repeated, and one final response only', () => {
    const transactions = newTransactions();
    const request = parsed('OPTIONS sip:c@d SIP/2.0', 'OPTIONS');
    expect(transactions.receiveRequest(request)).toBe(false);
    const server = transactions.openServer(request, FLOW);
    if (!server) throw new Error('no transaction');
    transactions.respond(server, 200, 'first');
    transactions.respond(server, 500, 'second');
    expect(transactions.receiveRequest(request)).toBe(true);
    expect(sent).toEqual(['first', 'first']);
    advance(40_000);
    expect(transactions.count).toBe(0);
  });

  it('is found by its CANCEL', () => {
    const transactions = newTransactions();
    const server = transactions.openServer(parsed('INVITE sip:c@d SIP/2.0', 'INVITE'), FLOW);
    expect(transactions.findCancelled(parsed('CANCEL sip:c@d SIP/2.0', 'CANCEL'))).toBe(server);
  });
});
