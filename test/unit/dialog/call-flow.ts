import { startCall, type CallStart } from '../../../src/dialog/call-start.ts';
import type { Hop } from '../../../src/dialog/hop.ts';
import type { DialogRecord } from '../../../src/dialog/record.ts';
import { parseMessage, SipMessage } from '../../../src/sip/index.ts';
import { ANSWER, OFFER, SAMPLE_ID } from './sample-record.ts';

/** A message from lines; a body gets its type and length. */
export function message(lines: readonly string[], body = ''): SipMessage {
  const typed = body === '' ? [] : ['Content-Type: application/sdp'];
  const head = [...lines, ...typed, `Content-Length: ${String(body.length)}`, '', ''].join('\r\n');
  return parsed(head + body);
}

export function parsed(text: string): SipMessage {
  const result = parseMessage(text);
  if (!(result instanceof SipMessage)) throw new Error(`not a message: ${text}`);
  return result;
}

/** The hop towards the callee, and the one towards the caller. */
export const TO_CALLEE: Hop = {
  transport: 'TCP',
  sentBy: '10.0.0.1:5070',
  contact: '10.0.0.1:5070',
  branch: 'z9hG4bKpod-callee',
};
export const TO_CALLER: Hop = {
  transport: 'UDP',
  sentBy: '203.0.113.1:5060',
  contact: '203.0.113.1:5060',
  branch: 'z9hG4bKpod-caller',
};

/** Via values of the caller's requests as the pod's transactions keep them. */
export const CALLER_VIAS: readonly string[] = [
  'SIP/2.0/UDP edge.example.com;branch=z9hG4bKedge;received=192.0.2.9;rport=5060',
  'SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKalice',
];

const CALLER_IDS = ['From: "Alice" <sip:alice@example.com>;tag=alice-tag', 'Call-ID: call-1@192.0.2.10'];

/** The caller's INVITE, which has come through two proxies of theirs. */
export function callersInvite(body: string = OFFER, cseq = 102): SipMessage {
  return message(
    [
      'INVITE sip:bob@example.com SIP/2.0',
      'Via: SIP/2.0/UDP edge.example.com;branch=z9hG4bKedge, SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKalice',
      'Record-Route: <sip:edge.example.com;lr>',
      'Record-Route: <sip:core.example.com;lr>',
      'Route: <sip:203.0.113.1;lr>',
      'Max-Forwards: 68',
      'To: "Bob" <sip:bob@example.com>',
      ...CALLER_IDS,
      `CSeq: ${String(cseq)} INVITE`,
      'Contact: <sip:alice@192.0.2.10:5062;ob>',
      'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE',
      'Supported: timer, replaces',
      'Proxy-Require: privacy',
      'P-Asserted-Identity: <sip:+4930123@example.com>',
      'User-Agent: Alice Phone 1.0',
      'X-Custom:  kept   as it is ',
    ],
    body,
  );
}

/** What `startCall` needs for that INVITE. */
export function callStart(invite: SipMessage = callersInvite()): CallStart {
  return {
    invite,
    id: SAMPLE_ID,
    tag: 'edge-07',
    epoch: 3,
    pod: 'edge-0',
    callerLeg: { listener: 'public', transport: 'UDP', peer: { address: '192.0.2.9', port: 5060 } },
    calleeLeg: { listener: 'internal', transport: 'TCP', peer: { address: '192.0.2.20', port: 5070 } },
    requestUri: 'sip:bob@192.0.2.20:5070',
    nowMs: 1_000,
  };
}

/** A response of the callee's to the INVITE that the pod sent it. */
export function calleesResponse(
  statusLine: string,
  extra: readonly string[] = [],
  options: { body?: string; tag?: string; callId?: string; fromTag?: string; cseq?: string } = {},
): SipMessage {
  const tag = options.tag ?? 'bob-tag';
  return message(
    [
      `SIP/2.0 ${statusLine}`,
      'Via: SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKpod-callee;rport=5070',
      `From: "Alice" <sip:alice@example.com>;tag=${options.fromTag ?? 'alice-tag'}`,
      `To: "Bob" <sip:bob@example.com>${tag === '' ? '' : `;tag=${tag}`}`,
      `Call-ID: ${options.callId ?? 'call-1@192.0.2.10'}`,
      `CSeq: ${options.cseq ?? '102 INVITE'}`,
      ...extra,
    ],
    options.body ?? '',
  );
}

const CALLEES_ROUTES: readonly string[] = ['Record-Route: <sip:near.callee;lr>, <sip:far.callee;lr>'];
export const CALLEES_CONTACT: readonly string[] = ['Contact: <sip:bob-phone@192.0.2.20:5071;transport=tcp>'];

/** The callee's 200 to the INVITE. */
export function calleesOk(body: string = ANSWER): SipMessage {
  const extra = [...CALLEES_ROUTES, ...CALLEES_CONTACT, 'Allow: INVITE, ACK, BYE', 'Server: Bob/2'];
  return calleesResponse('200 OK', extra, { body });
}

/** A request of the caller's within the dialog. */
export function callersRequest(
  method: string,
  cseq: number,
  extra: readonly string[] = [],
  body = '',
): SipMessage {
  return message(
    [
      `${method} sip:bob-phone@203.0.113.1:5060;rh=${SAMPLE_ID}b SIP/2.0`,
      `Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKalice${String(cseq)}`,
      'Max-Forwards: 70',
      'To: "Bob" <sip:bob@example.com>;tag=bob-tag',
      ...CALLER_IDS,
      `CSeq: ${String(cseq)} ${method}`,
      ...extra,
    ],
    body,
  );
}

/** A request of the callee's within the dialog. */
export function calleesRequest(
  method: string,
  cseq: number,
  extra: readonly string[] = [],
  body = '',
): SipMessage {
  return message(
    [
      `${method} sip:alice@10.0.0.1:5070;transport=tcp;rh=${SAMPLE_ID}a SIP/2.0`,
      `Via: SIP/2.0/TCP 192.0.2.20:5070;branch=z9hG4bKbob${String(cseq)}`,
      'Max-Forwards: 70',
      'From: "Bob" <sip:bob@example.com>;tag=bob-tag',
      'To: "Alice" <sip:alice@example.com>;tag=alice-tag',
      'Call-ID: call-1@192.0.2.10',
      `CSeq: ${String(cseq)} ${method}`,
      ...extra,
    ],
    body,
  );
}

/** The record of a call of which only the INVITE has come. */
export function ringingCall(invite: SipMessage = callersInvite()): DialogRecord {
  return startCall(callStart(invite));
}
