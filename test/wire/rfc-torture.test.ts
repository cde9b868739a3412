import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import {
  H,
  headerName,
  parseMessage,
  SipMessage,
  validateRequest,
  validateResponse,
} from '../../src/sip/index.ts';

const CORPORA = process.env['REHOME_CORPORA'] ?? '../shared/corpora';
const isHere = existsSync(join(CORPORA, 'rfc4475'));
if (!isHere)
  process.stderr.write(`SKIPPED: no RFC 4475 and RFC 5118 messages in ${CORPORA} (REHOME_CORPORA)\n`);

/** `accept`, `drop` (a response), `refuse` (by the parser), or a status code, alone or with the headers that go along. */
type Oracle = number | string;

function each(verdict: Oracle, names: string): [string, Oracle][] {
  return names.split(' ').map((name) => [name, verdict]);
}

/** RFC 4475 by section; `regaut01` is the one exception: see docs/reference/sip-conformance.md. */
const RFC4475 = new Map<string, Oracle>([
  ...each(
    'accept',
    'wsinv intmeth esc01 escnull esc02 lwsdisp longreq dblreq semiuri transports mpart01 unreason noreason',
  ),
  ...each(
    400,
    'badinv01 clerr ncl scalar02 quotbal ltgtruri lwsruri lwsstart trws escruri baddate regbadct badaspec',
  ),
  ...each(400, 'mismatch01 mismatch02 insuf multi01 mcl01'),
  ...each('refuse', 'baddn test'),
  ...each('drop', 'scalarlg bcast bigcode'),
  ...each(505, 'badvers'),
  ...each('accept', 'badbranch unksm2 cparam01 cparam02 regescrt inv2543 regaut01'),
  ...each(416, 'unkscm novelsc'),
  ...each(
    '420 Unsupported: nothingSupportsThis, nothingSupportsThisEither, noProxiesSupportThis, norDoAnyProxiesSupportThis',
    'bext01',
  ),
  ...each('415 Accept: application/sdp, multipart/mixed, multipart/signed', 'invut'),
  ...each(483, 'zeromf'),
  ...each(406, 'sdp01'),
]);

const RFC5118 = new Map<string, Oracle>([
  ...each(400, 'ipv6-bad ipv6-bug-abnf-3-colons'),
  ...each(
    'accept',
    'ipv4-mapped-ipv6 ipv6-correct-abnf-2-colons ipv6-good ipv6-in-sdp mult-ip-in-header mult-ip-in-sdp',
  ),
  ...each(
    'accept',
    'port-ambiguous port-unambiguous via-received-param-no-delim via-received-param-with-delim',
  ),
]);

const RULES = {
  extensions: ['100rel'],
  contentTypes: ['application/sdp', 'multipart/mixed', 'multipart/signed'],
  answerTypes: ['application/sdp'],
};

function verdictOn(text: string): Oracle {
  const message = parseMessage(text);
  if (!(message instanceof SipMessage)) return text.startsWith('SIP/') ? 'drop' : 'refuse';
  if (!message.isRequest) return validateResponse(message).ok ? 'accept' : 'drop';
  const verdict = validateRequest(message, RULES);
  if (verdict.ok) return 'accept';
  const headers = verdict.headers.map(
    ([id, value]) => `${typeof id === 'number' ? headerName(id) : id}: ${value}`,
  );
  return headers.length === 0 ? verdict.status : `${String(verdict.status)} ${headers.join(', ')}`;
}

function filesOf(folder: string): string[] {
  return readdirSync(join(CORPORA, folder));
}

function textOf(folder: string, file: string): string {
  return readFileSync(join(CORPORA, folder, file), 'latin1');
}

(isHere ? describe : describe.skip)('RFC 4475', () => {
  test('every message has a verdict here', () => {
    expect([...RFC4475.keys()].sort()).toEqual(
      filesOf('rfc4475')
        .map((file) => file.replace('.dat', ''))
        .sort(),
    );
  });

  test.each([...RFC4475])('%s: %s', (name, oracle) => {
    expect(verdictOn(textOf('rfc4475', `${name}.dat`))).toBe(oracle);
  });

  test('a branch that is only the magic cookie is none', () => {
    const message = parseMessage(textOf('rfc4475', 'badbranch.dat'));
    expect(message).toBeInstanceOf(SipMessage);
    expect((message as SipMessage).branch).toBeUndefined();
  });
});

(isHere ? describe : describe.skip)('RFC 5118', () => {
  test('every message of it has a verdict here', () => {
    expect([...RFC5118.keys()].sort()).toEqual(filesOf('rfc5118').sort());
  });

  test.each([...RFC5118])('%s: %s', (name, oracle) => {
    expect(verdictOn(textOf('rfc5118', name))).toBe(oracle);
  });

  test.each(['via-received-param-no-delim', 'via-received-param-with-delim'])(
    '%s: received is read',
    (name) => {
      const message = parseMessage(textOf('rfc5118', name)) as SipMessage;
      expect(message.via?.received).toBe('2001:db8::9:255');
      expect(message.list(H.Via)).toHaveLength(1);
    },
  );
});

interface Parsed {
  method?: string;
  uri?: string;
  headers: {
    'call-id'?: string;
    cseq?: { seq: number; method: string };
    via?: unknown[];
    from?: { params: { tag?: string } };
  };
}

/** esc02's expected parse takes a method's escapes for escapes, against RFC 4475 §3.1.1.4. */
function expectedParses(): string[] {
  const messages = new Set(filesOf('rfc4475').map((file) => file.replace('.dat', '.json')));
  return filesOf('rfc4475-expected-json').filter((file) => messages.has(file) && file !== 'esc02.json');
}

(isHere ? describe : describe.skip)('RFC 4475, expected parses', () => {
  const files = isHere ? expectedParses() : ['none'];

  test.each(files)('%s', (file) => {
    const expected = JSON.parse(readFileSync(join(CORPORA, 'rfc4475-expected-json', file), 'utf8')) as Parsed;
    const message = parseMessage(textOf('rfc4475', file.replace('.json', '.dat'))) as SipMessage;
    const { cseq, via, from, 'call-id': callId } = expected.headers;
    expect({
      method: message.startLine.method,
      uri: message.requestUri,
      callId: message.callId,
      vias: message.list(H.Via).length,
      tag: message.fromTag,
      cseq: { seq: message.cseq, method: message.cseqMethod },
    }).toEqual({
      method: expected.method ?? '',
      uri: expected.uri ?? '',
      callId: callId ?? message.callId,
      vias: via?.length ?? 0,
      tag: from?.params.tag ?? message.fromTag,
      cseq: cseq ?? { seq: message.cseq, method: message.cseqMethod },
    });
  });
});
