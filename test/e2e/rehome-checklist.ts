import type { LedgerEntry } from '../../src/local/call-ledger.ts';
import { bracketed, cseqOf, readLines, valueOf, valuesOf, type SipLines } from './sip-lines.ts';

/** One leg as its endpoint knows it from the messages before the re-home. */
export interface KnownLeg {
  callId: string;
  /** From and To that a request of the pod must carry, tags included. */
  from: string;
  to: string;
  /** URI of the endpoint's last Contact. */
  target: string;
  /** Route values that the pod must send. */
  routes: string[];
  lastCSeq: number;
  /** URI of the Contact that the pod showed last. */
  podContact: string;
  /** The last description that the pod sent. */
  sdp: string;
  /** What the pod has shown in INVITEs and their 2xx; '' where it showed none. */
  allow: Set<string>;
  supported: Set<string>;
  identity: string[];
  sessionExpires: string;
  branches: Set<string>;
  transport: string;
}

/** What an endpoint's ledger (with messages) says of its leg. */
export function knownLeg(entries: readonly LedgerEntry[]): KnownLeg {
  const messages = entries.map((entry) => ({ entry, lines: readLines(entry.text) }));
  const [first] = messages;
  if (first === undefined) throw new Error('nothing was sent or received');
  const caller = first.entry.way === 'sent';
  const invited = messages.find(({ entry }) => entry.method === 'INVITE' && isAnswer(entry));
  if (invited === undefined) throw new Error('the call was not answered');
  const received = messages.filter(({ entry }) => entry.way === 'received').map(({ lines }) => lines);
  const sent = messages.filter(({ entry }) => entry.way === 'sent').map(({ lines }) => lines);
  const answer = invited.lines;
  const own = valueOf(answer, caller ? 'from' : 'to');
  const far = valueOf(answer, caller ? 'to' : 'from');
  const shown = messages
    .filter(
      ({ entry }) =>
        entry.way === 'received' && entry.method === 'INVITE' && (entry.status === 0 || isAnswer(entry)),
    )
    .map(({ lines }) => lines);
  return {
    callId: valueOf(answer, 'call-id'),
    from: far,
    to: own,
    target: bracketed(lastValue(sent, 'contact')),
    // RFC 3261 §12.1: the order of the request, or the reverse of the response's.
    routes: caller ? valuesOf(first.lines, 'record-route') : valuesOf(answer, 'record-route').reverse(),
    lastCSeq: Math.max(0, ...received.filter(isRequest).map(cseqOf)),
    podContact: bracketed(lastValue(received, 'contact')),
    sdp: received.findLast((lines) => lines.body.startsWith('v=0'))?.body ?? '',
    allow: new Set(shown.map((lines) => valueOf(lines, 'allow'))),
    supported: new Set(shown.map((lines) => valueOf(lines, 'supported'))),
    identity: valuesOf(caller ? answer : first.lines, 'p-asserted-identity'),
    sessionExpires: lastValue(received, 'session-expires'),
    transport:
      /^SIP\/2\.0\/(\w+)/.exec(lastValue(sent.filter(isRequest), 'via') || lastValue(received, 'via'))?.[1] ??
      '',
    branches: new Set(received.filter(isRequest).map((lines) => branchOf(lines))),
  };
}

/** What is wrong with a re-INVITE that moves a leg to the pod at `pod` (host:port), by facts/sip.md 3.7; empty if nothing is. */
export function reinviteFaults(text: string, leg: KnownLeg, pod: string): string[] {
  const message = readLines(text);
  const contact = bracketed(valueOf(message, 'contact'));
  const length = Number(valueOf(message, 'content-length'));
  const cseq = cseqOf(message);
  const path = pathOf(leg);
  const checks: [fault: string, holds: boolean][] = [
    ['the Request-URI', message.start === `INVITE ${path.uri} SIP/2.0`],
    ['Call-ID', valueOf(message, 'call-id') === leg.callId],
    ['From', valueOf(message, 'from') === leg.from],
    ['To', valueOf(message, 'to') === leg.to],
    ['Route', same(valuesOf(message, 'route'), path.routes)],
    ['more than one Via, or none', valuesOf(message, 'via').length === 1],
    ['the Via is not the new pod’s', isViaOf(message, pod, leg.transport)],
    ['no rport', /;rport(;|$|=)/.test(valueOf(message, 'via'))],
    ['the branch is old or has no cookie', isFreshBranch(branchOf(message), leg)],
    ['Max-Forwards', valueOf(message, 'max-forwards') === '70'],
    ['CSeq is not above the last', cseq > leg.lastCSeq && cseq < 2 ** 31],
    ['CSeq is no INVITE', /^\d+ INVITE$/.test(valueOf(message, 'cseq'))],
    ['the Contact is not the new pod’s', hostOf(contact) === pod],
    [
      'the Contact has another user or other parameters',
      withoutHost(contact) === withoutHost(leg.podContact),
    ],
    ['Allow', leg.allow.has(valueOf(message, 'allow'))],
    ['Supported', leg.supported.has(valueOf(message, 'supported'))],
    ['P-Asserted-Identity', same(valuesOf(message, 'p-asserted-identity'), leg.identity)],
    ['Record-Route', valuesOf(message, 'record-route').length === 0],
    ['Require', valuesOf(message, 'require').length === 0],
    ['Session-Expires', leg.sessionExpires === '' || hasRefresher(message)],
    ['the description is not the last one, byte for byte', message.body === leg.sdp],
    ['Content-Type', leg.sdp === '' || valueOf(message, 'content-type') === 'application/sdp'],
    ['Content-Length', length === Buffer.byteLength(message.body, 'latin1')],
  ];
  return checks.filter(([, holds]) => !holds).map(([fault]) => fault);
}

/** What is wrong with the ACK of such a re-INVITE's 2xx. */
export function ackFaults(text: string, leg: KnownLeg, reinvite: string): string[] {
  const ack = readLines(text);
  const request = readLines(reinvite);
  const path = pathOf(leg);
  const checks: [fault: string, holds: boolean][] = [
    ['the Request-URI', ack.start === `ACK ${path.uri} SIP/2.0`],
    ['Route', same(valuesOf(ack, 'route'), path.routes)],
    ['CSeq', valueOf(ack, 'cseq') === `${String(cseqOf(request))} ACK`],
    ['From', valueOf(ack, 'from') === leg.from],
    ['To', valueOf(ack, 'to') === leg.to],
    ['the branch is the INVITE’s', branchOf(ack) !== branchOf(request)],
    ['more than one Via, or none', valuesOf(ack, 'via').length === 1],
    ['a body', ack.body === ''],
  ];
  return checks.filter(([, holds]) => !holds).map(([fault]) => `ACK: ${fault}`);
}

/** RFC 3261 §12.2.1.1: a strict router becomes the Request-URI, and the target the last Route. */
function pathOf(leg: KnownLeg): { uri: string; routes: string[] } {
  const [first, ...rest] = leg.routes;
  if (first === undefined || first.includes(';lr')) return { uri: leg.target, routes: leg.routes };
  return { uri: bracketed(first), routes: [...rest, `<${leg.target}>`] };
}

function isAnswer(entry: LedgerEntry): boolean {
  return entry.status >= 200 && entry.status < 300;
}

function isRequest(lines: SipLines): boolean {
  return !lines.start.startsWith('SIP/2.0 ');
}

function lastValue(messages: SipLines[], name: string): string {
  return messages.map((lines) => valueOf(lines, name)).findLast((value) => value !== '') ?? '';
}

function branchOf(message: SipLines): string {
  return /;branch=([^;,]*)/.exec(valueOf(message, 'via'))?.[1] ?? '';
}

function isViaOf(message: SipLines, pod: string, transport: string): boolean {
  return valueOf(message, 'via').startsWith(`SIP/2.0/${transport} ${pod};`);
}

function isFreshBranch(branch: string, leg: KnownLeg): boolean {
  return branch.startsWith('z9hG4bK') && branch.length > 12 && !leg.branches.has(branch);
}

function hasRefresher(message: SipLines): boolean {
  return /^\d+;refresher=ua[cs]$/.test(valueOf(message, 'session-expires'));
}

function hostOf(uri: string): string {
  return /@?(\[[^\]]+\]:\d+|[\d.]+:\d+)/.exec(uri)?.[1] ?? '';
}

function withoutHost(uri: string): string {
  return uri.replace(hostOf(uri), '');
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
