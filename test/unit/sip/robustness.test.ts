import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  areUrisEqual,
  buildResponse,
  flat,
  formatNameAddr,
  H,
  headerParam,
  MessageEdit,
  parseCSeq,
  parseHostPort,
  parseMessage,
  parseMinSE,
  parseNameAddr,
  parseRAck,
  parseReason,
  parseReplaces,
  parseRetryAfter,
  parseSessionExpires,
  parseUri,
  parseVia,
  removeUriParam,
  SipMessage,
  validateRequest,
  validateResponse,
  withoutParam,
  withParam,
} from '../../../src/sip/index.ts';
import { INVITE_TEXT } from './sample-message.ts';

const CORPORA = process.env['REHOME_CORPORA'] ?? '../shared/corpora';
const OWN = join(import.meta.dirname, '../../wire/torture');
const FOLDERS = [OWN, join(CORPORA, 'rfc4475'), join(CORPORA, 'rfc5118')].filter((folder) =>
  existsSync(folder),
);
const CORPUS = FOLDERS.flatMap((folder) =>
  readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')),
);
const RUNS = { numRuns: 400 };
const HEADERS = 'Via From To Contact Route CSeq Content-Length Session-Expires Reason Date Accept m'.split(
  ' ',
);

/** Reads a value by every parser; what a parser takes, the writers take. */
function readValue(value: string): void {
  const uri = parseUri(value);
  if (uri !== undefined) {
    expect(areUrisEqual(uri, uri)).toBe(true);
    expect([uri.user, uri.password, uri.params.entries(), uri.headers.entries()]).toBeDefined();
  }
  const address = parseNameAddr(value);
  if (address !== undefined) parseNameAddr(formatNameAddr(address.display, address.uri));
  const via = parseVia(value);
  expect([via?.branch, via?.received, via?.rport, via?.maddr, via?.ttl, via?.params.entries()]).toBeDefined();
  for (const parse of [
    parseCSeq,
    parseRAck,
    parseReason,
    parseReplaces,
    parseRetryAfter,
    parseSessionExpires,
    parseMinSE,
    parseHostPort,
  ]) {
    parse(value);
  }
  expect(flat(value)).toBe(value);
  expect(headerParam(withParam(value, 'x-new', '1'), 'absent')).toBe(headerParam(value, 'absent'));
  expect(headerParam(withoutParam(value, 'tag'), 'tag')).toBeUndefined();
  removeUriParam(value, 'lr');
}

function readMessage(message: SipMessage): void {
  const { callId, cseq, from, to, fromTag, toTag, branch, contact, contentType, body, maxForwards } = message;
  expect([
    callId,
    cseq,
    from,
    to,
    fromTag,
    toTag,
    branch,
    contact,
    contentType,
    body,
    maxForwards,
  ]).toBeDefined();
  validateRequest(message, {
    extensions: [],
    methods: [],
    contentTypes: [],
    answerTypes: [],
    maxBytes: 10_000,
  });
  validateResponse(message, { isUserAgent: true });
  for (const id of Object.values(H))
    for (const value of [...message.all(id), ...message.list(id)]) readValue(value);
  for (const id of [H.Via, H.Contact, H.Route, H.MaxForwards, H.Reason]) {
    expect(message.list(id).length).toBeGreaterThanOrEqual(
      message.get(id) ? Math.min(1, message.list(id).length) : 0,
    );
  }
  message.named('X-Any');
  expect(typeof buildResponse(message, 400, { toTag: 'x', recordRoute: true })).toBe('string');
}

/** What an edit writes must be a message again, with the changes and nothing else. */
function editMessage(message: SipMessage): void {
  const text = new MessageEdit(message)
    .set(H.Via, 'SIP/2.0/UDP own')
    .setAll(H.Route, ['<sip:a>', '<sip:b>'])
    .remove(H.Contact)
    .removeNamed('X-Any')
    .body('text/plain', 'own body')
    .toString();
  const again = parseMessage(text);
  if (!(again instanceof SipMessage)) return;
  expect(again.all(H.Via)).toEqual(['SIP/2.0/UDP own']);
  expect(again.all(H.Route)).toEqual(['<sip:a>', '<sip:b>']);
  expect([again.count(H.Contact), again.body, again.contentType]).toEqual([0, 'own body', 'text/plain']);
  expect(again.all(H.Subject)).toEqual(message.all(H.Subject));
}

function isLengthRight(message: SipMessage): boolean {
  return message.count(H.ContentLength) === 1 && message.contentLength === message.body.length;
}

function survives(text: string): void {
  const message = parseMessage(text);
  if (!(message instanceof SipMessage)) return;
  readMessage(message);
  editMessage(message);
  const written = new MessageEdit(message).toString();
  if (isLengthRight(message)) expect(written).toBe(message.text);
  expect(text).toContain(message.text);
}

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const snippet = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '"',
    '\\',
    '<',
    '>',
    ';',
    ',',
    '=',
    ':',
    '@',
    '%',
    '%0',
    '[',
    ']',
    '?',
    '&',
    ' ',
    '\t',
    '\0',
  ),
  fc.constantFrom(
    '\r\n ',
    ';tag=',
    ';branch=z9hG4bK',
    'sip:',
    '::',
    'l: 9',
    'Content-Length: -1',
    'SIP/2.0',
    '99999999999',
    '\r\n\r\n',
  ),
  fc.array(byte, { maxLength: 4 }).map((bytes) => bytes.join('')),
);

interface Change {
  at: number;
  removed: number;
  inserted: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.integer({ min: 0, max: 12 }),
  inserted: snippet,
});

function changed(text: string, { at, removed, inserted }: Change): string {
  const position = Math.floor(at * text.length);
  return text.slice(0, position) + inserted + text.slice(position + removed);
}

describe('no text throws', () => {
  test('messages of the torture sets', () => {
    expect(CORPUS.length).toBeGreaterThan(50);
    expect(() => {
      for (const text of CORPUS) survives(text);
    }).not.toThrow();
  });

  test('messages of the torture sets, changed', () => {
    const texts = fc.constantFrom(INVITE_TEXT, ...CORPUS);
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    const property = fc.property(texts, changes, (text, all) => {
      survives(all.reduce(changed, text));
    });
    expect(() => {
      fc.assert(property, RUNS);
    }).not.toThrow();
  });

  test('messages cut anywhere', () => {
    expect(() => {
      for (let length = 0; length < INVITE_TEXT.length; length++) survives(INVITE_TEXT.slice(0, length));
    }).not.toThrow();
  });

  test('any header values', () => {
    const piece = fc.oneof(snippet, fc.constantFrom('a', 'b1', '0'));
    const values = fc.array(fc.array(piece, { maxLength: 8 }), { maxLength: HEADERS.length });
    const property = fc.property(values, (pieces) => {
      const lines = pieces.map((parts, line) => `${HEADERS[line] ?? 'X'}: ${parts.join('')}`);
      survives(`INVITE sip:a@b SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    expect(() => {
      fc.assert(property, RUNS);
    }).not.toThrow();
  });

  test('any values', () => {
    const property = fc.property(fc.array(snippet, { maxLength: 12 }), (parts) => {
      readValue(parts.join(''));
    });
    expect(() => {
      fc.assert(property, RUNS);
    }).not.toThrow();
  });

  test('any bytes', () => {
    const property = fc.property(fc.array(byte, { maxLength: 300 }), (bytes) => {
      survives(bytes.join(''));
    });
    expect(() => {
      fc.assert(property, RUNS);
    }).not.toThrow();
  });
});

/** Values of one piece over and over, where a careless reader would look at each rest again and again. */
const TEDIOUS = [
  '"',
  '\\',
  '<',
  ';',
  ';a',
  ',',
  '=',
  '%4',
  '[',
  '::',
  '\r\n ',
  ' ',
  '"\\',
  ';a="',
  'a@',
  '(',
  '/',
  '<,',
  '>,',
];
const TEDIOUS_LENGTH = 8_000;
const TEDIOUS_US = 10_000_000;

test('no value takes long to read', () => {
  const begin = process.cpuUsage().user;
  for (const piece of TEDIOUS) {
    const value = piece.repeat(TEDIOUS_LENGTH / piece.length);
    readValue(value);
    readValue(`SIP/2.0/UDP h${value}i`);
    survives(
      `INVITE sip:a SIP/2.0\r\nVia: a\r\n b${value.replaceAll('\r\n', '')}c\r\nAccept: x${value.replaceAll('\r\n', '')}y\r\n\r\nz`,
    );
  }
  expect(process.cpuUsage().user - begin).toBeLessThan(TEDIOUS_US);
});
