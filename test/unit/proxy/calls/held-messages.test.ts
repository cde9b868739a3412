import { describe, expect, it } from '@jest/globals';
import { HeldMessages, HOLD_LIMIT_MS } from '../../../../src/proxy/calls/held-messages.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { parseMessage, SipMessage } from '../../../../src/sip/index.ts';

const flow: Flow = { listener: 'public', transport: 'UDP', address: '127.0.0.1', port: 5060 };

function bye(callId: string): SipMessage {
  const message = parseMessage(
    'BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n' +
      `To: <sip:a@b>;tag=2\r\nCall-ID: ${callId}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n`,
  );
  if (!(message instanceof SipMessage)) throw new Error('no message');
  return message;
}

function newHeld(limit = 10): { held: HeldMessages; dropped: () => number } {
  let dropped = 0;
  return { held: new HeldMessages(limit, () => dropped++), dropped: () => dropped };
}

describe('held messages', () => {
  it('come out by tag, once, in order of arrival', () => {
    const { held } = newHeld();
    held.hold('t1', { message: bye('a'), flow }, 0);
    held.hold('t2', { message: bye('b'), flow }, 0);
    held.hold('t1', { message: bye('c'), flow }, 1);
    expect(held.size).toBe(3);
    expect(held.tags()).toEqual(['t1', 't2']);
    expect(held.take('t1', 2).map(({ message }) => message.callId)).toEqual(['a', 'c']);
    expect(held.take('t1', 2)).toEqual([]);
    expect(held.size).toBe(1);
    expect(held.tags()).toEqual(['t2']);
  });

  it('are given up in time, however often they were taken out and held again', () => {
    const { held, dropped } = newHeld();
    held.hold('t', { message: bye('a'), flow }, 0);
    for (let nowMs = 100; nowMs < HOLD_LIMIT_MS; nowMs += 100) {
      for (const entry of held.take('t', nowMs)) held.hold('t', entry, nowMs);
    }
    expect(held.size).toBe(1);
    expect(held.take('t', HOLD_LIMIT_MS)).toEqual([]);
    expect(dropped()).toBe(1);
    expect(held.size).toBe(0);
  });

  it('are bounded: what comes when it is full is dropped and counted', () => {
    const { held, dropped } = newHeld(1);
    held.hold('t', { message: bye('a'), flow }, 0);
    held.hold('u', { message: bye('b'), flow }, 0);
    expect(dropped()).toBe(1);
    expect(held.tags()).toEqual(['t']);
    held.take('t', 1);
    held.hold('u', { message: bye('b'), flow }, 1);
    expect(held.size).toBe(1);
  });
});
