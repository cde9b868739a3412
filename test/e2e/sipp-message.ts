import type { SendOptions } from './sipp-steps.ts';

/** Which side of the call a scenario plays. */
export type Side = 'caller' | 'callee';

/** Where the writing of a scenario stands. */
export interface Writing {
  side: Side;
  /** Number of the step at hand; sipp makes branches of it. */
  index: number;
  /** Last CSeq number of this side's own requests. */
  cseq: number;
  inviteCseq: number;
  inviteIndex: number;
  /** Method of the last request that was sent. */
  lastSent: string;
  /** Method of the last request that was received. */
  lastRequest: string;
  /** Whether an INVITE was received. */
  invited: boolean;
  /** Names of the variables that hold what was checked. */
  checks: string[];
}

const SELF = '[local_ip]:[local_port]';
const CONTACT = `Contact: <sip:[service]@${SELF};transport=[transport]>`;
const ALLOW = 'Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE, OPTIONS';
const WITHOUT_CONTACT = new Set(['ACK', 'CANCEL']);
const REASONS: Record<number, string> = {
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  404: 'Not Found',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  603: 'Decline',
};

/** A request of a scenario's side, in sipp's own keywords. */
export function renderRequest(method: string, options: SendOptions, writing: Writing): string {
  const sameTransaction = method === 'CANCEL' || (method === 'ACK' && options.to === 'refusal');
  const cseq = nextCseq(method, writing);
  const initial = writing.side === 'caller' && writing.cseq === 1 && method !== 'ACK';
  if (method === 'INVITE') writing.inviteIndex = writing.index;
  const branch = sameTransaction ? `[branch-${String(writing.index - writing.inviteIndex)}]` : '[branch]';
  const early = initial || sameTransaction;
  return message(`${method} ${options.uri ?? targetOf(writing, early)} SIP/2.0`, options, [
    `Via: SIP/2.0/[transport] ${SELF};branch=${branch};rport`,
    ...(early || writing.side === 'callee' ? [] : ['[routes]']),
    'Max-Forwards: 70',
    ...parties(writing, initial),
    'Call-ID: [call_id]',
    `CSeq: ${String(cseq)} ${method}`,
    ...(WITHOUT_CONTACT.has(method) ? [] : [CONTACT, ALLOW]),
  ]);
}

/** A response of a scenario's side to a request that it received. */
export function renderResponse(status: number, options: SendOptions, writing: Writing): string {
  const to = options.to ?? writing.lastRequest;
  const tag = options.tag ?? '';
  const first = writing.side === 'callee' && to === 'INVITE';
  const identity =
    to === 'INVITE'
      ? [
          'Via:[$invitevia]',
          'From:[$remote]',
          first ? `To:[$local]${tagOf(writing.side, tag)}` : '[last_To:]',
        ]
      : ['[last_Via:]', '[last_From:]', '[last_To:]'];
  const contact = (to === 'INVITE' || to === 'UPDATE') && status > 100 && status < 300;
  return message(`SIP/2.0 ${String(status)} ${REASONS[status] ?? 'Whatever'}`, options, [
    ...identity,
    'Call-ID: [call_id]',
    to === 'INVITE' ? 'CSeq: [$invitecseq] INVITE' : '[last_CSeq:]',
    ...(contact ? [CONTACT, ALLOW] : []),
  ]);
}

/** The To tag that a side shows. */
function tagOf(side: Side, suffix = ''): string {
  return `;tag=[pid]${side}[call_number]${suffix}`;
}

function nextCseq(method: string, writing: Writing): number {
  if (method === 'ACK' || method === 'CANCEL') return writing.inviteCseq;
  writing.cseq += 1;
  if (method === 'INVITE') writing.inviteCseq = writing.cseq;
  return writing.cseq;
}

function targetOf(writing: Writing, initial: boolean): string {
  if (writing.side === 'callee') return '[$target]';
  return initial ? 'sip:[service]@[remote_ip]:[remote_port]' : '[next_url]';
}

function parties(writing: Writing, tagless: boolean): string[] {
  if (writing.side === 'callee') return [`From:[$local]${tagOf('callee')}`, 'To:[$remote]'];
  return [
    `From: <sip:caller@${SELF}>${tagOf('caller')}`,
    `To: <sip:[service]@[remote_ip]:[remote_port]>${tagless ? '' : '[peer_tag_param]'}`,
  ];
}

function message(start: string, options: SendOptions, headers: string[]): string {
  const body =
    options.sdp === undefined ? options.body : { type: 'application/sdp', text: description(options.sdp) };
  const lines = [start, ...headers, ...(options.headers ?? [])];
  if (body === undefined) return [...lines, 'Content-Length: 0', ''].join('\n');
  return [...lines, `Content-Type: ${body.type}`, 'Content-Length: [len]', '', body.text].join('\n');
}

function description(direction: string): string {
  return [
    'v=0',
    'o=sipp 1 1 IN IP[local_ip_type] [local_ip]',
    's=-',
    'c=IN IP[local_ip_type] [local_ip]',
    't=0 0',
    'm=audio 6000 RTP/AVP 8',
    `a=${direction}`,
  ].join('\n');
}
