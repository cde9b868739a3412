import { parseMessage, SipMessage } from '../../../src/sip/index.ts';

/** The message of these lines and body; Content-Length is not added. */
export function message(lines: readonly string[], body = ''): SipMessage {
  return read(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** The text as a message; a text that is none fails the test. */
export function read(text: string): SipMessage {
  const parsed = parseMessage(text);
  if (!(parsed instanceof SipMessage)) throw new Error(parsed.code);
  return parsed;
}

/** An INVITE with headers that nobody knows, odd case, a fold and a body. */
export const INVITE_LINES: readonly string[] = [
  'INVITE sip:bob@biloxi.example SIP/2.0',
  'v: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'X-Trunk :  east',
  '\t wing',
  'TO: Bob <sip:bob@biloxi.example>',
  'From: "Alice, A." <sip:alice@atlanta.example>;tag=1928301774',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example',
  'CSeq: 314159 INVITE',
  'Route: <sip:p1.example;lr>, <sip:p2.example;lr>',
  'Contact: <sip:alice@pc33.atlanta.example>',
  'Route: <sip:p3.example;lr>',
  'Content-Type: text/plain',
  'l: 5',
];

/** `INVITE_LINES` as text. */
export const INVITE_TEXT: string = [...INVITE_LINES, '', 'hello'].join('\r\n');
