import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_HEAD_BYTES,
  MAX_MESSAGE_BYTES,
  StreamFraming,
  type StreamEvent,
} from '../../../src/sip/stream-framing.ts';

function message(body: string, lengthHeader = `Content-Length: ${String(body.length)}`): string {
  return `OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n${lengthHeader}\r\nSubject: x\r\n\r\n${body}`;
}

function feedAll(chunks: Iterable<string>): StreamEvent[] {
  const framing = new StreamFraming();
  const events: StreamEvent[] = [];
  for (const chunk of chunks) events.push(...framing.feed(chunk));
  return events;
}

function texts(events: readonly StreamEvent[]): string[] {
  return events.map((event) => (event.type === 'message' ? event.text : event.type));
}

function errorOf(text: string): string | undefined {
  const last = feedAll([text]).at(-1);
  return last?.type === 'error' ? last.code : undefined;
}

describe('messages', () => {
  const first = message('');
  const second = message('v=0\r\n\r\nbody');

  it.each([
    ['long', 'Content-Length: 4'],
    ['compact', 'l: 4'],
    ['upper case', 'L:4'],
    ['odd case', 'cOnTeNt-LeNgTh : 4 '],
    ['folded', 'Content-Length:\r\n 4'],
    ['leading zeros', 'Content-Length: 0004'],
  ])('are cut by a %s Content-Length', (_form, header) => {
    const text = message('abcd', header);
    expect(texts(feedAll([text + first]))).toEqual([text, first]);
  });

  it('come out of one chunk together', () => {
    expect(texts(feedAll([first + second + first]))).toEqual([first, second, first]);
  });

  it('come out fed one byte at a time', () => {
    expect(texts(feedAll(first + '\r\n' + second))).toEqual([first, second]);
  });

  it('come out as soon as their last byte is there, and not before', () => {
    const framing = new StreamFraming();
    expect(framing.feed(second.slice(0, -1))).toEqual([]);
    expect(texts(framing.feed(second.slice(-1)))).toEqual([second]);
    expect(framing.feed(first.slice(0, -1))).toEqual([]);
    expect(texts(framing.feed(first.slice(-1)))).toEqual([first]);
  });

  it('do not take a header of another name for a length', () => {
    const text = message(
      '',
      'Content-Length-Hint: 7\r\nLength: 8\r\nContent-Language: 9\r\nContent-Length: 0',
    );
    expect(texts(feedAll([text]))).toEqual([text]);
  });

  it('do not take a folded line for a length', () => {
    const text = message('ab', 'Subject: a\r\n l: 9\r\nl: 2');
    expect(texts(feedAll([text]))).toEqual([text]);
  });

  it('come out the same however the stream is cut', () => {
    const part = fc.oneof(
      fc.constant('\r\n'),
      fc.constant('\r\n\r\n'),
      fc
        .string({ unit: fc.constantFrom('\r', '\n', 'a', 'é', ' '), maxLength: 40 })
        .map((body) => message(body)),
    );
    fc.assert(
      fc.property(
        fc.array(part),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (parts, sizes) => {
          const stream = parts.join('');
          const chunks: string[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(stream.slice(at, at + size));
            at += size;
          }
          expect(feedAll(chunks)).toEqual(feedAll([stream]));
          const expected = parts.filter((text) => text.startsWith('OPTIONS'));
          expect(texts(feedAll(chunks)).filter((text) => text !== 'ping')).toEqual(expected);
        },
      ),
    );
  });
});

describe('keep-alives', () => {
  it('answers a double CRLF', () => {
    expect(feedAll(['\r\n\r\n'])).toEqual([{ type: 'ping' }]);
    expect(feedAll(['\r\n', '\r', '\n\r\n\r\n'])).toEqual([{ type: 'ping' }, { type: 'ping' }]);
  });

  it('skips a lone CRLF', () => {
    const text = message('');
    expect(texts(feedAll(['\r\n', text]))).toEqual([text]);
  });

  it('does not join CRLFs across a message', () => {
    const text = message('');
    expect(texts(feedAll(['\r\n' + text + '\r\n']))).toEqual([text]);
  });
});

describe('errors', () => {
  it.each([
    ['no-content-length', message('', 'Max-Forwards: 70')],
    ['no-content-length', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no-content-length', 'x\r\n\r\n'],
    ['duplicate-content-length', message('', 'Content-Length: 0\r\nl: 0')],
    ['bad-content-length', message('', 'Content-Length: -1')],
    ['bad-content-length', message('', 'Content-Length:')],
    ['bad-content-length', message('', 'Content-Length: 0, 0')],
    ['bad-content-length', message('', 'Content-Length: 0x10')],
    ['bad-content-length', message('', 'Content-Length: 99999999999')],
    ['message-too-large', message('', `Content-Length: ${String(MAX_MESSAGE_BYTES)}`)],
    ['headers-too-large', 'a'.repeat(MAX_HEAD_BYTES + 1)],
    ['headers-too-large', message('', `Content-Length: 0\r\nX: ${'a'.repeat(MAX_HEAD_BYTES)}`)],
  ])('gives %s', (code, text) => {
    expect(errorOf(text)).toBe(code);
  });

  it('gives the messages before the broken one, and nothing after it', () => {
    const good = message('');
    const framing = new StreamFraming();
    expect(texts(framing.feed(good + message('', 'l: x') + good))).toEqual([good, 'error']);
    expect(framing.feed(good)).toEqual([]);
  });

  it('takes a head and a message of exactly the allowed size', () => {
    const shortest = message('', 'Content-Length: 00000\r\nX: ').length;
    const head = message('', `Content-Length: 32768\r\nX: ${'a'.repeat(MAX_HEAD_BYTES - shortest)}`);
    const text = head + 'b'.repeat(MAX_MESSAGE_BYTES - MAX_HEAD_BYTES);
    expect(head).toHaveLength(MAX_HEAD_BYTES);
    expect(texts(feedAll([text]))).toEqual([text]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('\r', '\n', 'l', ':', '1', ' ', 'C') })),
        (chunks) => {
          expect(() => feedAll(chunks)).not.toThrow();
        },
      ),
    );
  });
});

describe('cost', () => {
  it('is linear in the stream when it comes byte by byte', () => {
    const text = message('x'.repeat(60_000));
    const startedMs = performance.now();
    expect(texts(feedAll(text))).toHaveLength(1);
    // A scan from the start for each byte would take 2 * 10^9 steps.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('is linear in the lines of a head', () => {
    const text = message('', 'c\r\n'.repeat(10_000) + 'l: 0');
    const startedMs = performance.now();
    expect(texts(feedAll([text]))).toEqual([text]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
