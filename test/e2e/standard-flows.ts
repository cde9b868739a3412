import {
  expectRequest,
  expectResponse,
  pauseFor,
  request,
  response,
  trying,
  type SendOptions,
  type Step,
} from './sipp-steps.ts';

export const SDP: SendOptions = { sdp: 'sendrecv' };
const RELIABLE = { headers: ['Supported: 100rel'] };

/** A call that is answered, from the caller's side and from the callee's. */
export const CALLS: Step[] = [
  request('INVITE', SDP),
  trying(),
  expectResponse(180),
  expectResponse(200),
  request('ACK'),
];
export const ANSWERS: Step[] = [
  expectRequest('INVITE'),
  response(180),
  response(200, SDP),
  expectRequest('ACK'),
];
export const HANGS_UP: Step[] = [request('BYE'), expectResponse(200)];
export const IS_HUNG_UP_ON: Step[] = [expectRequest('BYE'), response(200)];

/** A request of this side, and its answer. */
export function asks(method: string, options: SendOptions = {}, status = 200): Step[] {
  return [request(method, options), trying(), expectResponse(status)];
}

/** A request of the other side, and its answer. */
export function grants(method: string, options: SendOptions = {}, status = 200): Step[] {
  return [expectRequest(method), response(status, options)];
}

function refusedCalls(status: number): Step[] {
  return [request('INVITE', SDP), trying(), expectResponse(status), request('ACK', { to: 'refusal' })];
}

function refuses(status: number, headers: string[] = []): Step[] {
  return [expectRequest('INVITE'), response(status, { headers }), expectRequest('ACK')];
}

/** What two endpoints do with each other, by name: the caller's steps and the callee's. */
export const STANDARD_FLOWS: [name: string, caller: Step[], callee: Step[]][] = [
  ['a call with an early offer', [...CALLS, ...HANGS_UP], [...ANSWERS, ...IS_HUNG_UP_ON]],
  [
    'a call with a late offer',
    [
      request('INVITE'),
      trying(),
      expectResponse(200, { checks: [{ pattern: 'm=audio 6000' }] }),
      request('ACK', SDP),
      ...HANGS_UP,
    ],
    [
      expectRequest('INVITE', { checks: [{ pattern: 'm=audio', absent: true }] }),
      response(200, SDP),
      expectRequest('ACK', { checks: [{ pattern: 'm=audio 6000' }] }),
      ...IS_HUNG_UP_ON,
    ],
  ],
  ['BYE from the callee', [...CALLS, ...IS_HUNG_UP_ON], [...ANSWERS, pauseFor(50), ...HANGS_UP]],
  [
    'a reliable provisional response and its PRACK',
    [
      request('INVITE', { ...SDP, ...RELIABLE }),
      trying(),
      expectResponse(183, { checks: [{ header: 'Require', pattern: '100rel' }] }),
      request('PRACK', { headers: ['RAck: 1 1 INVITE'] }),
      expectResponse(200),
      expectResponse(200),
      request('ACK'),
      ...HANGS_UP,
    ],
    [
      expectRequest('INVITE'),
      response(183, { ...SDP, headers: ['Require: 100rel', 'RSeq: 1'] }),
      expectRequest('PRACK', { checks: [{ header: 'RAck', pattern: '1 [0-9]+ INVITE' }] }),
      response(200),
      response(200, { to: 'INVITE' }),
      expectRequest('ACK'),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'UPDATE in an early dialog',
    [
      request('INVITE', { ...SDP, ...RELIABLE }),
      trying(),
      expectResponse(183),
      request('PRACK', { headers: ['RAck: 1 1 INVITE'] }),
      expectResponse(200),
      request('UPDATE', { sdp: 'sendonly' }),
      expectResponse(200),
      expectResponse(200),
      request('ACK'),
      ...HANGS_UP,
    ],
    [
      expectRequest('INVITE'),
      response(183, { ...SDP, headers: ['Require: 100rel', 'RSeq: 1'] }),
      ...grants('PRACK'),
      expectRequest('UPDATE', { checks: [{ pattern: 'a=sendonly' }] }),
      response(200, { sdp: 'recvonly' }),
      response(200, { to: 'INVITE' }),
      expectRequest('ACK'),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'UPDATE from the caller',
    [...CALLS, ...asks('UPDATE', SDP), ...HANGS_UP],
    [...ANSWERS, ...grants('UPDATE', SDP), ...IS_HUNG_UP_ON],
  ],
  [
    'UPDATE from the callee',
    [...CALLS, ...grants('UPDATE', SDP), ...HANGS_UP],
    [...ANSWERS, ...asks('UPDATE', SDP), ...IS_HUNG_UP_ON],
  ],
  [
    're-INVITE from the caller: hold and resume',
    [
      ...CALLS,
      request('INVITE', { sdp: 'sendonly' }),
      trying(),
      expectResponse(200, { checks: [{ pattern: 'a=recvonly' }] }),
      request('ACK'),
      ...asks('INVITE', SDP),
      request('ACK'),
      ...HANGS_UP,
    ],
    [
      ...ANSWERS,
      expectRequest('INVITE', { checks: [{ pattern: 'a=sendonly' }] }),
      response(200, { sdp: 'recvonly' }),
      expectRequest('ACK'),
      ...grants('INVITE', SDP),
      expectRequest('ACK'),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    're-INVITE from the callee',
    [...CALLS, ...grants('INVITE', { sdp: 'recvonly' }), expectRequest('ACK'), ...HANGS_UP],
    [...ANSWERS, ...asks('INVITE', { sdp: 'sendonly' }), request('ACK'), ...IS_HUNG_UP_ON],
  ],
  [
    're-INVITE with a late offer',
    [...CALLS, request('INVITE'), trying(), expectResponse(200), request('ACK', SDP), ...HANGS_UP],
    [
      ...ANSWERS,
      ...grants('INVITE', SDP),
      expectRequest('ACK', { checks: [{ pattern: 'm=audio' }] }),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'a refused re-INVITE leaves the call as it is',
    [...CALLS, ...asks('INVITE', SDP, 488), request('ACK', { to: 'refusal' }), ...HANGS_UP],
    [...ANSWERS, ...grants('INVITE', {}, 488), expectRequest('ACK'), ...IS_HUNG_UP_ON],
  ],
  [
    'INFO from both sides, with its body',
    [
      ...CALLS,
      ...asks('INFO', { body: { type: 'application/dtmf-relay', text: 'Signal=5' } }),
      expectRequest('INFO', { checks: [{ pattern: 'Signal=7' }] }),
      response(200),
      ...HANGS_UP,
    ],
    [
      ...ANSWERS,
      expectRequest('INFO', { checks: [{ pattern: 'Signal=5' }] }),
      response(200),
      ...asks('INFO', { body: { type: 'application/dtmf-relay', text: 'Signal=7' } }),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'MESSAGE and OPTIONS in a dialog',
    [
      ...CALLS,
      ...asks('MESSAGE', { body: { type: 'text/plain', text: 'hello' } }),
      ...grants('OPTIONS'),
      ...HANGS_UP,
    ],
    [...ANSWERS, ...grants('MESSAGE'), ...asks('OPTIONS'), ...IS_HUNG_UP_ON],
  ],
  [
    'MESSAGE outside any dialog (RFC 3428), shown as from and to user agents',
    asks('MESSAGE', { body: { type: 'text/plain', text: 'hello' } }),
    [
      expectRequest('MESSAGE', {
        checks: [
          { pattern: 'hello' },
          { header: 'Max-Forwards', pattern: '69' },
          { pattern: 'Record-Route:', absent: true },
        ],
      }),
      response(200),
    ],
  ],
  [
    'REFER from the caller and NOTIFY from the callee',
    [
      ...CALLS,
      ...asks('REFER', { headers: ['Refer-To: <sip:third@example.com>'] }, 202),
      ...grants('NOTIFY'),
      ...HANGS_UP,
    ],
    [
      ...ANSWERS,
      expectRequest('REFER', { checks: [{ header: 'Refer-To', pattern: 'sip:third@example.com' }] }),
      response(202),
      ...asks('NOTIFY', {
        headers: ['Event: refer', 'Subscription-State: terminated;reason=noresource'],
        body: { type: 'message/sipfrag;version=2.0', text: 'SIP/2.0 200 OK' },
      }),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'CANCEL while it rings',
    [
      request('INVITE', SDP),
      trying(),
      expectResponse(180),
      request('CANCEL'),
      expectResponse(200),
      expectResponse(487),
      request('ACK', { to: 'refusal' }),
    ],
    [
      expectRequest('INVITE'),
      response(180),
      expectRequest('CANCEL'),
      response(200),
      response(487, { to: 'INVITE' }),
      expectRequest('ACK'),
    ],
  ],
  [
    'CANCEL before the callee has said anything',
    [
      request('INVITE', SDP),
      expectResponse(100),
      request('CANCEL'),
      expectResponse(200),
      expectResponse(180, { optional: true }),
      expectResponse(487),
      request('ACK', { to: 'refusal' }),
    ],
    [
      expectRequest('INVITE'),
      pauseFor(200),
      response(180),
      expectRequest('CANCEL'),
      response(200),
      response(487, { to: 'INVITE' }),
      expectRequest('ACK'),
    ],
  ],
  [
    'several early dialogs of a forking callee',
    [
      request('INVITE', SDP),
      trying(),
      expectResponse(180),
      expectResponse(183),
      expectResponse(200),
      request('ACK'),
      ...HANGS_UP,
    ],
    [
      expectRequest('INVITE'),
      response(180, { tag: 'x' }),
      response(183, { ...SDP, tag: 'y' }),
      response(200, SDP),
      expectRequest('ACK'),
      ...IS_HUNG_UP_ON,
    ],
  ],
  [
    'an ACK that comes late: the 2xx is sent again, end to end',
    [
      request('INVITE', SDP),
      trying(),
      expectResponse(180),
      expectResponse(200),
      pauseFor(1200),
      request('ACK'),
      ...HANGS_UP,
    ],
    [
      ...ANSWERS.slice(0, 2),
      response(200, { ...SDP, repeatAfterMs: 500 }),
      expectRequest('ACK'),
      ...IS_HUNG_UP_ON,
    ],
  ],
  ['a redirection', refusedCalls(302), refuses(302, ['Contact: <sip:elsewhere@192.0.2.9>'])],
  ['a 4xx', refusedCalls(404), refuses(404)],
  ['busy', refusedCalls(486), refuses(486)],
  ['a 5xx', refusedCalls(500), refuses(500)],
  ['a 6xx', refusedCalls(603), refuses(603)],
];
