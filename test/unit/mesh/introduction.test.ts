import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeIntroduction, readIntroduction } from '../../../src/mesh/introduction.ts';

const self = { cluster: 'edge', pod: 'edge-0', bootId: 'f00d' };

describe('introduction', () => {
  it('is read back from any cut, with what comes behind it', () => {
    const bytes = Buffer.concat([encodeIntroduction(self, 'edge-1'), Buffer.from('frames')]);
    const length = bytes.length - 'frames'.length;
    for (let cut = 0; cut < length; cut++)
      expect(readIntroduction(bytes.subarray(0, cut))).toBe('incomplete');
    const read = readIntroduction(bytes);
    expect(read).toEqual({ introduction: { ...self, receiver: 'edge-1' }, rest: Buffer.from('frames') });
  });

  it('may be longer in a later version', () => {
    const bytes = encodeIntroduction(self, 'edge-1');
    bytes.writeUInt16BE(bytes.readUInt16BE(4) + 3, 4);
    const read = readIntroduction(Buffer.concat([bytes, Buffer.from('\x02hi')]));
    expect(read).toMatchObject({ introduction: { pod: 'edge-0' }, rest: Buffer.alloc(0) });
  });

  it('is not waited for if the first bytes are not its own, or if it claims to be long', () => {
    expect(readIntroduction(Buffer.from('G'))).toBe('malformed');
    expect(readIntroduction(Buffer.from('RHM\x02'))).toBe('malformed');
    expect(readIntroduction(Buffer.from('RHM\x01\xff\xff', 'latin1'))).toBe('malformed');
  });

  it('is malformed without all its names', () => {
    expect(readIntroduction(Buffer.from('RHM\x01\x00\x03\x02ab', 'latin1'))).toBe('malformed');
    expect(readIntroduction(Buffer.from('RHM\x01\x00\x03\x09ab', 'latin1'))).toBe('malformed');
  });

  it('takes any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const framed = Buffer.concat([Buffer.from('RHM\x01\x00', 'latin1'), bytes]);
        expect(readIntroduction(framed)).toBeDefined();
      }),
    );
  });
});
