import { describe, expect, test } from '@jest/globals';
import { H, parseMessage, ParseFailure } from '../../../src/sip/index.ts';
import { INVITE_LINES, INVITE_TEXT, message, read } from './sample-message.ts';

function codeOf(text: string): string | undefined {
  const parsed = parseMessage(text);
  return parsed instanceof ParseFailure ? parsed.code : undefined;
}

describe('a request', () => {
  const invite = read(INVITE_TEXT);

  test('has the parts of its start line', () => {
    expect([invite.isRequest, invite.method, invite.requestUri, invite.version]).toEqual([
      true,
      'INVITE',
      'sip:bob@biloxi.example',
      'SIP/2.0',
    ]);
    expect([invite.status, invite.reason]).toEqual([0, '']);
  });

  test('gives the values that select a dialog and a transaction', () => {
    expect([invite.callId, invite.fromTag, invite.toTag]).toEqual([
      'a84b4c76e66710@pc33.atlanta.example',
      '1928301774',
      '',
    ]);
    expect([invite.cseq, invite.cseqMethod, invite.branch]).toEqual([314159, 'INVITE', 'z9hG4bK776asdhds']);
  });

  test('get() is the first line, trimmed and unfolded, all() every line, list() every element', () => {
    expect(invite.get(H.Route)).toBe('<sip:p1.example;lr>, <sip:p2.example;lr>');
    expect(invite.all(H.Route)).toEqual(['<sip:p1.example;lr>, <sip:p2.example;lr>', '<sip:p3.example;lr>']);
    expect(invite.list(H.Route)).toEqual([
      '<sip:p1.example;lr>',
      '<sip:p2.example;lr>',
      '<sip:p3.example;lr>',
    ]);
    expect(invite.count(H.Route)).toBe(2);
  });

  test('named() knows any case, compact forms, and names without a number', () => {
    expect(invite.named('x-trunk')).toBe('east wing');
    expect(invite.named('V')).toBe(invite.get(H.Via));
    expect(invite.named('X-Absent')).toBeUndefined();
    expect(invite.named('Subject')).toBeUndefined();
  });

  test('what is absent is empty, undefined or NaN', () => {
    const bare = message(['OPTIONS sip:a@b SIP/2.0']);
    expect([
      bare.callId,
      bare.from,
      bare.to,
      bare.fromTag,
      bare.toTag,
      bare.contentType,
      bare.cseqMethod,
    ]).toEqual(Array(7).fill(''));
    expect([bare.via, bare.branch, bare.contact, bare.maxForwards, bare.contentLength]).toEqual(
      Array(5).fill(undefined),
    );
    expect(bare.cseq).toBeNaN();
  });
});

describe('a response', () => {
  test('has the method of its CSeq', () => {
    const ringing = message(['SIP/2.0 180 Ringing already', 'CSeq: 7 INVITE']);
    expect([ringing.isRequest, ringing.status, ringing.reason, ringing.method]).toEqual([
      false,
      180,
      'Ringing already',
      'INVITE',
    ]);
  });

  test.each(['SIP/2.0 99 X', 'SIP/2.0 700 X', 'SIP/2.0 2000 X', 'SIP/2.0 2x0 X', 'SIP/2.0', 'SIP/2.0 20'])(
    'with the start line "%s" is none',
    (line) => {
      expect(codeOf(`${line}\r\n\r\n`)).toBe('no-start-line');
    },
  );

  test('may leave out the space before an empty reason', () => {
    expect(message(['SIP/2.0 200']).reason).toBe('');
  });
});

describe('the body', () => {
  test('ends where Content-Length says', () => {
    expect(read(`${INVITE_TEXT} and more`).body).toBe('hello');
    expect(read(`${INVITE_TEXT} and more`).text).toBe(INVITE_TEXT);
  });

  test('without Content-Length goes on to the end of the datagram', () => {
    expect(message(INVITE_LINES.slice(0, -1), 'to the end').body).toBe('to the end');
  });

  test('that is shorter than Content-Length is what there is', () => {
    expect(read(INVITE_TEXT.slice(0, -1)).body).toBe('hell');
  });
});

describe('what is no message', () => {
  test.each([
    ['nothing', '', 'empty'],
    ['line breaks only', '\r\n\r\n', 'empty'],
    ['garbage', '\0\x01\x02garbage', 'no-start-line'],
    ['a start line without a line break', 'OPTIONS sip:a SIP/2.0', 'no-start-line'],
    ['a request line without a URI', 'OPTIONS SIP/2.0\r\n\r\n', 'no-start-line'],
    ['an LF alone after the start line', 'OPTIONS sip:a SIP/2.0\nTo: x\n\n', 'bare-line-feed'],
    ['headers without an end', 'OPTIONS sip:a SIP/2.0\r\nTo: x\r\n', 'no-end-of-headers'],
    ['headers cut in a name', 'OPTIONS sip:a SIP/2.0\r\nTo', 'no-end-of-headers'],
  ])('%s', (_title, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  test('64 KiB are a message, one byte more is not', () => {
    const text = INVITE_TEXT.replace('l: 5', 'X: 5');
    expect(codeOf(text.padEnd(65_536, '.'))).toBeUndefined();
    expect(codeOf(text.padEnd(65_537, '.'))).toBe('message-too-long');
  });

  test('200 header lines are a message, one more is not', () => {
    const lines = Array.from({ length: 200 }, (_, line) => `X-${String(line)}: 1`);
    expect(message(['OPTIONS sip:a SIP/2.0', ...lines]).headers.ids).toHaveLength(200);
    expect(codeOf(['OPTIONS sip:a SIP/2.0', ...lines, 'X: 1', '', ''].join('\r\n'))).toBe('too-many-headers');
  });

  test('a line, folds included, has 8 KiB at most', () => {
    const folded = `Subject: ${'x'.repeat(4_096)}\r\n ${'y'.repeat(4_096)}`;
    expect(codeOf(`OPTIONS sip:a SIP/2.0\r\n${folded}\r\n\r\n`)).toBe('line-too-long');
    expect(codeOf(`OPTIONS sip:${'a'.repeat(9_000)} SIP/2.0\r\n\r\n`)).toBe('line-too-long');
  });
});

test('a line that is no header field is kept, and marked', () => {
  const odd = message(['OPTIONS sip:a SIP/2.0', 'no colon here', ': no name', 'b@d: name', 'To: x']);
  expect(odd.headers.ids).toEqual([H.Malformed, H.Malformed, H.Malformed, H.To]);
});

test('the version is what stands after the last space before SIP/', () => {
  expect(message(['OPTIONS  sip:a  SIP/2.0  ']).version).toBe('SIP/2.0  ');
  expect(message(['OPTIONS sip:a sip/2.0']).version).toBe('sip/2.0');
});
