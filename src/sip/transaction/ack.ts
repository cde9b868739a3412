import { H } from '../header-names.ts';
import type { SipMessage } from '../message.ts';

/** The ACK of a final response other than 2xx: one Via, the INVITE's top one (RFC 3261 §17.1.1.3). */
export function buildAck(invite: SipMessage, response: SipMessage): string {
  const routes = invite.all(H.Route).map((value) => `Route: ${value}\r\n`);
  return (
    `ACK ${invite.requestUri} SIP/2.0\r\n` +
    `Via: ${invite.list(H.Via)[0] ?? ''}\r\n` +
    'Max-Forwards: 70\r\n' +
    routes.join('') +
    `From: ${invite.from}\r\n` +
    `To: ${response.to}\r\n` +
    `Call-ID: ${invite.callId}\r\n` +
    `CSeq: ${String(invite.cseq)} ACK\r\n` +
    'Content-Length: 0\r\n\r\n'
  );
}
