import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WireReader, WireWriter } from '../../../src/gossip/wire.ts';

describe('wire', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          byte: fc.nat(0xff),
          short: fc.nat(0xffff),
          word: fc.nat(0xffff_ffff),
          count: fc.nat(Number.MAX_SAFE_INTEGER),
          text: fc.string({ unit: 'grapheme', maxLength: 200 }),
          bytes: fc.uint8Array(),
        }),
        (values) => {
          const writer = new WireWriter();
          writer.u8(values.byte);
          writer.u16(values.short);
          writer.u32(values.word);
          writer.u53(values.count);
          writer.text(values.text);
          writer.bytes(values.bytes);
          const reader = new WireReader(writer.take());
          const read = {
            byte: reader.u8(),
            short: reader.u16(),
            word: reader.u32(),
            count: reader.u53(),
            text: reader.text(),
            bytes: reader.bytes(),
          };
          expect(read).toEqual(values);
          expect(reader.ok && reader.left === 0).toBe(true);
        },
      ),
    );
  });

  it('grows beyond its first buffer', () => {
    const writer = new WireWriter();
    const long = new Uint8Array(100_000).fill(7);
    writer.bytes(long);
    writer.text('ü'.repeat(5000));
    const reader = new WireReader(writer.take());
    expect(reader.bytes()).toEqual(long);
    expect(reader.text()).toBe('ü'.repeat(5000));
  });

  it('stays quiet and not ok past the end', () => {
    const reader = new WireReader(Uint8Array.of(0, 0, 0, 9, 1));
    expect(reader.text()).toBe('');
    expect(reader.ok).toBe(false);
    expect(reader.u8()).toBe(0);
  });

  it('refuses numbers above 2^53 and broken UTF-8', () => {
    const big = new WireReader(new Uint8Array(8).fill(0xff));
    expect(big.u53()).toBe(0);
    expect(big.ok).toBe(false);
    const text = new WireReader(Uint8Array.of(0, 0, 0, 2, 0xc3, 0x28));
    expect(text.text()).toBe('');
    expect(text.ok).toBe(false);
  });

  it('goes on behind a part whatever its reader left over', () => {
    const reader = new WireReader(Uint8Array.of(1, 2, 3, 4));
    expect(reader.within(3, (part) => part.u8())).toBe(1);
    expect(reader.u8()).toBe(4);
    expect(reader.within(1, (part) => part.u8())).toBeUndefined();
  });
});
