import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AnswerRule, PhoneAnswer } from '../../src/local/phone-line.ts';
import { until } from '../../src/local/until.ts';
import { H, type SipMessage } from '../../src/sip/index.ts';
import { Fleet, hangUp, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 90_000;
const WITHIN_MS = 30_000;
const CALLS = 3;
const USER = 'trunk';
const PASSWORD = 'of the trunk';
const REALM = 'exchange, east';
const sha256 = (text: string): string => hash('sha256', text);

let fleet: Fleet;

afterEach(async () => {
  await fleet.stop();
});

/** A fleet whose pods have credentials for the callees. */
async function start(pods: number): Promise<HeldCall[]> {
  fleet = await Fleet.start({
    pods,
    configure: (config) => {
      const directory = join(String(config['dataDir']), 'trunk');
      mkdirSync(directory);
      writeFileSync(join(directory, 'username'), `${USER}\n`);
      writeFileSync(join(directory, 'password'), PASSWORD);
      config['targets'] = (config['targets'] as object[]).map((target) => ({
        ...target,
        credentials: { directory },
      }));
      config['drain'] = { deletionWait: '0s' };
    },
  });
  return fleet.hold(CALLS, fleet.pod(0));
}

function parameter(credentials: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="?([^",]*)`).exec(credentials)?.[1];
}

/** Whether a request proves that its sender knows the password (RFC 7616 §3.4.1). */
function isRight({ method, requestUri }: SipMessage, credentials: string): boolean {
  const secret = sha256(`${USER}:${REALM}:${PASSWORD}`);
  const [nonce = '', nc = '', cnonce = ''] = ['nonce', 'nc', 'cnonce'].map((name) =>
    parameter(credentials, name),
  );
  const middle = `${nonce}:${nc}:${cnonce}:auth`;
  return (
    parameter(credentials, 'response') === sha256(`${secret}:${middle}:${sha256(`${method}:${requestUri}`)}`)
  );
}

function challenge(nonce: string, more = ''): PhoneAnswer {
  const value = `Digest realm="${REALM}", nonce="${nonce}", algorithm=SHA-256, qop="auth"${more}`;
  return { status: 401, headers: [[H.WWWAuthenticate, value]] };
}

/** Wants credentials for a method, and finds the first nonce too old. */
function challenging(challenged: string): AnswerRule {
  return (request) => {
    if (request.method !== challenged || request.toTag === '') return undefined;
    const credentials = request.get(H.Authorization);
    if (credentials === undefined) return challenge('first');
    if (parameter(credentials, 'nonce') === 'first') return challenge('second', ', stale=true');
    return isRight(request, credentials) ? undefined : { status: 403 };
  };
}

/** What a callee got of a method: CSeq, and the nonce that it was authorized with. */
function received(call: HeldCall, method: string): { cseq: number; nonce: string | undefined }[] {
  return call.callee.ledger.entries
    .filter(
      (entry) => entry.way === 'received' && entry.status === 0 && entry.method === method && !entry.repeat,
    )
    .map(({ cseq, text }) => {
      const credentials = /^Authorization: (.*)$/m.exec(text)?.[1];
      return { cseq, nonce: credentials && parameter(credentials, 'nonce') };
    });
}

describe('callees that ask a pod who it is', () => {
  test(
    'get its re-INVITE again with credentials, each time with the next CSeq, and an ACK with the same',
    async () => {
      const calls = await start(3);
      fleet.callees.rule = challenging('INVITE');
      await fleet.pod(0).kill();
      await fleet.allRehomed(calls);
      for (const call of calls) {
        const asked = received(call, 'INVITE').slice(1);
        expect(asked.map(({ nonce }) => nonce)).toEqual([undefined, 'first', 'second']);
        const [first = 0] = asked.map(({ cseq }) => cseq);
        expect(asked.map(({ cseq }) => cseq - first)).toEqual([0, 1, 2]);
        expect(received(call, 'ACK').at(-1)).toEqual({ cseq: first + 2, nonce: 'second' });
        await hangUp(call, 'caller');
      }
    },
    TIMEOUT_MS,
  );

  test(
    'get the BYE of a pod that nobody succeeds again with credentials',
    async () => {
      const calls = await start(1);
      fleet.callees.rule = challenging('BYE');
      const ended = fleet.pod(0).ended();
      fleet.pod(0).signal('SIGTERM');
      for (const call of calls)
        await until(() => call.callee.state === 'ended', WITHIN_MS, `the end of ${call.caller.name}`);
      expect(await ended).toBe(0);
      for (const call of calls)
        expect(received(call, 'BYE').map(({ nonce }) => nonce)).toEqual([undefined, 'first', 'second']);
    },
    TIMEOUT_MS,
  );
});
