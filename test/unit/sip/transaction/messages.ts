import { parseMessage, SipMessage } from '../../../../src/sip/message.ts';

/** A parsed message; fails the test when it is none. */
export function parsed(text: string): SipMessage {
  const message = parseMessage(text);
  if (!(message instanceof SipMessage)) throw new Error(`no SIP message: ${message.code}`);
  return message;
}

/** A request of one call, with what differs between the tests. */
export function requestText(
  method: string,
  parts: { via?: string; toTag?: string; cseq?: string } = {},
): string {
  const via = parts.via ?? 'SIP/2.0/UDP client.example:5062;branch=z9hG4bKa1;rport';
  const toTag = parts.toTag === undefined ? '' : `;tag=${parts.toTag}`;
  return (
    `${method} sip:bob@server.example SIP/2.0\r\n` +
    `Via: ${via}\r\n` +
    'Via: SIP/2.0/UDP behind.example;branch=z9hG4bKb2\r\n' +
    'Max-Forwards: 68\r\n' +
    'Route: <sip:one.example;lr>, <sip:two.example;lr>\r\n' +
    'Route: <sip:three.example;lr>\r\n' +
    'From: "Alice" <sip:alice@client.example>;tag=f1\r\n' +
    `To: <sip:bob@server.example>${toTag}\r\n` +
    'Call-ID: c1@client.example\r\n' +
    `CSeq: ${parts.cseq ?? `7 ${method}`}\r\n` +
    'Contact: <sip:alice@client.example:5062>\r\n' +
    'Content-Length: 0\r\n\r\n'
  );
}

/** A response to `requestText(method)`. */
export function responseText(status: number, method: string, toTag = 't1'): string {
  return (
    `SIP/2.0 ${String(status)} Reason\r\n` +
    'Via: SIP/2.0/UDP client.example:5062;branch=z9hG4bKa1;rport=5062;received=192.0.2.9\r\n' +
    'From: "Alice" <sip:alice@client.example>;tag=f1\r\n' +
    `To: <sip:bob@server.example>;tag=${toTag}\r\n` +
    'Call-ID: c1@client.example\r\n' +
    `CSeq: 7 ${method}\r\n` +
    'Content-Length: 0\r\n\r\n'
  );
}
