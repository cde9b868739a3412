import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { H, type HeaderLine, type SipMessage } from '../../src/sip/index.ts';
import { usualAnswer } from '../../src/local/phone-answer.ts';
import type { AnswerRule, LineCall, PhoneAnswer } from '../../src/local/phone-line.ts';
import { pause, until } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, otherEnd, type End, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 100_000;
/** 64*T1 of the pods' timers, and a little. */
const SILENCE_MS = 7_500;

/** Refusals that are over after one answer: the leg must be moved in the end. */
const PASSING: [name: string, answer: PhoneAnswer | 'silence'][] = [
  ['491', { status: 491 }],
  ['422 with Min-SE', { status: 422, headers: [[H.MinSE, '1800']] }],
  ['500 with Retry-After', { status: 500, headers: [[H.RetryAfter, '1']] }],
  ['503 with Retry-After', { status: 503, headers: [[H.RetryAfter, '1']] }],
  ['silence', 'silence'],
];

const CHALLENGE: HeaderLine = [H.WWWAuthenticate, 'Digest realm="phones", nonce="1"'];
const PROXY_CHALLENGE: HeaderLine = [H.ProxyAuthenticate, 'Digest realm="phones", nonce="1"'];

/** Refusals for good: the call stays as it was. */
const LASTING: [name: string, answer: PhoneAnswer][] = [
  ['401', { status: 401, headers: [CHALLENGE] }],
  ['407', { status: 407, headers: [PROXY_CHALLENGE] }],
  ['403', { status: 403 }],
  ['404', { status: 404 }],
  ['488', { status: 488 }],
  ['500', { status: 500 }],
  ['603', { status: 603 }],
];

describe('phones that refuse the re-INVITE of a new owner', () => {
  let fleet: Fleet;
  const calls = new Map<string, HeldCall>();

  beforeAll(async () => {
    fleet = await Fleet.start();
    const victim = fleet.pod(0);
    fleet.callees.rule = agreeOnSession;
    for (const end of ENDS) {
      for (const [name, answer] of PASSING) await prepare(`${name} ${end}`, end, once(answer));
      for (const [name, answer] of LASTING) await prepare(`${name} ${end}`, end, always(answer));
      await prepare(`481 ${end}`, end, always({ status: 481 }));
    }
    victim.signal('SIGKILL');
  }, TIMEOUT_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  async function prepare(name: string, end: End, rule: AnswerRule): Promise<void> {
    const [call] = await fleet.hold(1, fleet.pod(0), { headers: [[H.SessionExpires, '600']] });
    if (call === undefined) throw new Error('no call');
    call[end].rule = rule;
    calls.set(name, call);
  }

  function callNamed(name: string): HeldCall {
    const call = calls.get(name);
    if (call === undefined) throw new Error(`no call ${name}`);
    return call;
  }

  describe.each(ENDS)('the %s', (end) => {
    test.each(PASSING)(
      '%s once: the leg is moved by a later try',
      async (name) => {
        const call = callNamed(`${name} ${end}`);
        await fleet.allRehomed([call]);
        await hangUp(call, end);
        expect(call[otherEnd(end)].ledger.reinvites()).toHaveLength(1);
      },
      TIMEOUT_MS,
    );

    test.each(LASTING)(
      '%s: the call is left as it was, and works',
      async (name) => {
        const call = callNamed(`${name} ${end}`);
        const other = otherEnd(end);
        await fleet.rehomed(call, other);
        await until(() => call[end].ledger.reinvites().length > 0, TIMEOUT_MS, 'the re-INVITE');
        expect([call.caller.state, call.callee.state]).toEqual(['answered', 'answered']);
        expect((await call[other].request('INFO')).status).toBe(200);
        await hangUp(call, other);
        expect(call[end].ledger.requests('received', 'BYE')).toHaveLength(1);
      },
      TIMEOUT_MS,
    );

    test(
      '481: the other end gets a BYE that says why',
      async () => {
        const call = callNamed(`481 ${end}`);
        const other = call[otherEnd(end)];
        await until(() => other.state === 'ended', TIMEOUT_MS, 'the BYE');
        const bye = other.ledger.requests('received', 'BYE')[0];
        expect(bye?.text).toMatch(/^Reason: /m);
      },
      TIMEOUT_MS,
    );
  });

  test(
    'silence from everyone hangs up on nobody',
    async () => {
      fleet.pod(0).start();
      await fleet.cluster.ready();
      const held = await fleet.hold(3, fleet.pod(1));
      for (const call of held) call.callee.rule = () => 'silence';
      fleet.pod(1).signal('SIGKILL');
      await pause(SILENCE_MS);
      expect(held.map((call) => call.caller.state)).toEqual(['answered', 'answered', 'answered']);
      for (const call of held) call.callee.rule = undefined;
      await fleet.allRehomed(held);
    },
    TIMEOUT_MS,
  );
});

/** The callee takes the session timer that it is offered (RFC 4028 §9). */
function agreeOnSession(request: SipMessage, call: LineCall): PhoneAnswer | undefined {
  const offered = request.get(H.SessionExpires);
  if (request.method !== 'INVITE' || offered === undefined) return undefined;
  const seconds = offered.split(';', 1)[0] ?? '';
  return { ...usualAnswer(request, call), headers: [[H.SessionExpires, `${seconds};refresher=uac`]] };
}

/** Answers the first re-INVITE (and its repeats) this way, everything else as usual. */
function once(answer: PhoneAnswer | 'silence'): AnswerRule {
  let given = false;
  return (request) => {
    if (given || request.method !== 'INVITE') return undefined;
    given = true;
    return answer;
  };
}

function always(answer: PhoneAnswer): AnswerRule {
  return (request) => (request.method === 'INVITE' ? answer : undefined);
}
