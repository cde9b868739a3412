import { expect, it } from '@jest/globals';
import { responsePort } from '../../../../src/proxy/transport/response-port.ts';

function response(via: string): string {
  return `SIP/2.0 200 OK\r\nVia: ${via}\r\nVia: SIP/2.0/TCP far.example:7777;branch=z9hG4bK2\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n`;
}

it.each([
  ['SIP/2.0/TCP 192.0.2.1:5072;branch=z9hG4bK1;received=192.0.2.7;rport=40000', 5072],
  ['SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1', 5060],
  ['SIP/2.0/TCP [2001:db8::1]:5082;branch=z9hG4bK1', 5082],
  ['nonsense', undefined],
])('a response with Via %s goes to port %s', (via, port) => {
  expect(responsePort(response(via))).toBe(port);
});

it('a request goes nowhere but where it was sent to', () => {
  expect(
    responsePort(
      'BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a:5072;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n',
    ),
  ).toBeUndefined();
  expect(responsePort('nonsense')).toBeUndefined();
});
