import { describe, expect, it } from '@jest/globals';
import { responseFlow, withSource } from '../../../../src/proxy/calls/source.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { parseMessage, SipMessage } from '../../../../src/sip/index.ts';

function request(via: string): SipMessage {
  const message = parseMessage(
    `OPTIONS sip:a@b SIP/2.0\r\nVia: ${via}\r\nVia: SIP/2.0/UDP far.example;branch=z9hG4bKfar\r\n` +
      'From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
  );
  if (!(message instanceof SipMessage)) throw new Error('no message');
  return message;
}

const flow: Flow = { listener: 'public', transport: 'UDP', address: '127.0.0.1', port: 40_000 };

describe('where a request came from', () => {
  it('is written into received when the sent-by host is another one', () => {
    const marked = withSource(request('SIP/2.0/UDP host.example;branch=z9hG4bK1'), flow);
    expect(marked.via?.received).toBe('127.0.0.1');
  });

  it('replaces a received that the sender wrote', () => {
    const marked = withSource(request('SIP/2.0/UDP host.example;received=10.9.9.9;branch=z9hG4bK1'), flow);
    expect(marked.text.match(/received=/g)).toHaveLength(1);
    expect(marked.via?.received).toBe('127.0.0.1');
  });

  it('fills in rport when it is asked for', () => {
    const marked = withSource(request('SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK1'), flow);
    expect(marked.via?.rport).toBe(40_000);
    expect(responseFlow(marked, flow)).toEqual(flow);
  });

  it('leaves a request alone that says it itself', () => {
    const plain = request('SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1');
    expect(withSource(plain, flow)).toBe(plain);
  });

  it('is answered at the sent-by port without rport, at 5060 if that is left out', () => {
    expect(responseFlow(request('SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1'), flow).port).toBe(5070);
    expect(responseFlow(request('SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1'), flow).port).toBe(5060);
  });

  it('is answered on its connection over TCP', () => {
    const tcp: Flow = { ...flow, transport: 'TCP' };
    expect(responseFlow(request('SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK1'), tcp)).toBe(tcp);
  });
});
