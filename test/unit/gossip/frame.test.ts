import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  beginFrame,
  endFrame,
  FrameDecoder,
  MAX_FRAME_LENGTH,
  readDatagram,
  type Frame,
} from '../../../src/gossip/frame.ts';
import { WireWriter } from '../../../src/gossip/wire.ts';

function frame(sequence: number, body: string, kind = 5): Uint8Array {
  const writer = new WireWriter();
  const at = beginFrame(writer, kind, sequence);
  writer.text(body);
  endFrame(writer, at);
  return writer.take();
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function texts(decoder: FrameDecoder, chunks: Uint8Array[]): { texts: string[]; broken: string | undefined } {
  const found: string[] = [];
  let broken: string | undefined;
  for (const chunk of chunks)
    broken = decoder.feed(chunk, (part: Frame) => {
      found.push(part.fields.text());
      return undefined;
    });
  return { texts: found, broken };
}

describe('a stream of frames', () => {
  const stream = concat(frame(1, 'one'), frame(2, ''), frame(3, 'x'.repeat(300)));

  it('is cut right, wherever its chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const ends = [...cuts, stream.length].sort((a, b) => a - b);
        const chunks = ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
        expect(texts(new FrameDecoder(), chunks)).toEqual({
          texts: ['one', '', 'x'.repeat(300)],
          broken: undefined,
        });
      }),
    );
    const bytewise = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(texts(new FrameDecoder(), bytewise).texts).toHaveLength(3);
  });

  it('is broken for good by a gap, another version, or a length that cannot be', () => {
    const decoder = new FrameDecoder();
    expect(texts(decoder, [frame(1, 'a'), frame(3, 'b')])).toEqual({ texts: ['a'], broken: 'gap' });
    expect(texts(decoder, [frame(2, 'c')])).toEqual({ texts: [], broken: 'gap' });
    const version = frame(1, 'a');
    version[4] = 9;
    expect(texts(new FrameDecoder(), [version]).broken).toBe('version');
    expect(texts(new FrameDecoder(), [Uint8Array.of(0, 0, 0, 1, 1)]).broken).toBe('too-short');
    const long = new Uint8Array(4);
    new DataView(long.buffer).setUint32(0, MAX_FRAME_LENGTH + 1);
    expect(texts(new FrameDecoder(), [long]).broken).toBe('too-long');
  });

  it('does not hold what it has delivered', () => {
    const decoder = new FrameDecoder();
    for (let sequence = 1; sequence <= 1000; sequence++)
      expect(texts(decoder, [frame(sequence, 'x')]).texts).toEqual(['x']);
  });
});

describe('a datagram', () => {
  it('is one frame, whole', () => {
    expect(readDatagram(frame(7, 'probe'))).toMatchObject({ kind: 5, sequence: 7 });
    expect(readDatagram(frame(7, 'probe').subarray(0, 10))).toBe('too-short');
    expect(readDatagram(frame(7, 'probe').subarray(0, 15))).toBe('too-short');
    expect(readDatagram(concat(frame(7, 'probe'), Uint8Array.of(1)))).toBe('too-long');
  });

  it('is never more than a code, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = readDatagram(bytes);
        expect(typeof read === 'string' || read.kind >= 0).toBe(true);
      }),
    );
  });
});
