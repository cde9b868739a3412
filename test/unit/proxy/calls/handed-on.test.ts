import { beforeEach, describe, expect, it } from '@jest/globals';
import { HandedOn } from '../../../../src/proxy/calls/handed-on.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { parseMessage, SipMessage } from '../../../../src/sip/index.ts';

const FLOW: Flow = { listener: 'public', transport: 'TCP', address: '192.0.2.1', port: 5060 };

let handed: HandedOn;

function message(start: string, branch: string, method = 'INFO'): SipMessage {
  const parsed = parseMessage(
    `${start}\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK${branch}\r\nFrom: <sip:a@b>;tag=1\r\n` +
      `To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`,
  );
  if (!(parsed instanceof SipMessage)) throw new Error('no SIP');
  return parsed;
}

function request(branch: string, method = 'INFO'): SipMessage {
  return message(`${method} sip:c@d SIP/2.0`, branch, method);
}

beforeEach(() => {
  handed = new HandedOn(3);
});

describe('a request that another pod was given', () => {
  it('is known by its repeats', () => {
    handed.note('b', request('1'), FLOW, 0);
    expect(handed.podOf(request('1'))).toBe('b');
    expect(handed.podOf(request('2'))).toBeUndefined();
  });

  it('is taken up again when that pod dies', () => {
    handed.note('b', request('1'), FLOW, 0);
    handed.note('c', request('2'), FLOW, 0);
    expect(handed.take('b', 10)).toMatchObject([{ pod: 'b', flow: FLOW }]);
    expect(handed.take('b', 10)).toEqual([]);
    expect(handed.take('c', 32_000)).toEqual([]);
  });

  it('is forgotten once a final response has left', () => {
    handed.note('b', request('1'), FLOW, 0);
    handed.answered(message('SIP/2.0 180 Ringing', '1'));
    expect(handed.size).toBe(1);
    handed.answered(message('SIP/2.0 200 OK', '1'));
    expect(handed.size).toBe(0);
  });

  it('is awaited until its sender has given up', () => {
    handed.note('b', request('1'), FLOW, 0);
    expect(handed.isAwaited(31_999)).toBe(true);
    expect(handed.isAwaited(32_000)).toBe(false);
  });

  it('is not noted if nobody answers it, and bounded in number', () => {
    handed.note('b', request('1', 'ACK'), FLOW, 0);
    expect(handed.size).toBe(0);
    for (const branch of ['1', '2', '3', '4']) handed.note('b', request(branch), FLOW, 0);
    expect(handed.size).toBe(3);
    expect(handed.podOf(request('1'))).toBeUndefined();
  });
});
