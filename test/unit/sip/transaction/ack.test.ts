import { expect, it } from '@jest/globals';
import { buildAck } from '../../../../src/sip/transaction/ack.ts';
import { parsed, requestText, responseText } from './messages.ts';

it('the ACK of a refusal is the INVITE with one Via, its routes and the To of the response', () => {
  const ack = buildAck(parsed(requestText('INVITE')), parsed(responseText(486, 'INVITE', 'busy')));
  expect(ack).toBe(
    'ACK sip:bob@server.example SIP/2.0\r\n' +
      'Via: SIP/2.0/UDP client.example:5062;branch=z9hG4bKa1;rport\r\n' +
      'Max-Forwards: 70\r\n' +
      'Route: <sip:one.example;lr>, <sip:two.example;lr>\r\n' +
      'Route: <sip:three.example;lr>\r\n' +
      'From: "Alice" <sip:alice@client.example>;tag=f1\r\n' +
      'To: <sip:bob@server.example>;tag=busy\r\n' +
      'Call-ID: c1@client.example\r\n' +
      'CSeq: 7 ACK\r\n' +
      'Content-Length: 0\r\n\r\n',
  );
});
