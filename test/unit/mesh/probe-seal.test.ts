import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyRing, type MeshKey } from '../../../src/mesh/key-ring.ts';
import { ProbeSeal } from '../../../src/mesh/probe-seal.ts';

const OLD: MeshKey = { id: 'old', secret: Buffer.from('an older secret of the mesh') };
const NEW: MeshKey = { id: 'new', secret: Buffer.from('a newer secret of the mesh') };
const START_MS = 1_790_000_000_000;
const MAC_BYTES = 16;

function seal(pod: string, keys: MeshKey[] = [NEW], bootId = `boot-${pod}`): ProbeSeal {
  return new ProbeSeal({ cluster: 'edge', pod, bootId }, new KeyRing(keys), START_MS);
}

const payload = Buffer.from('a probe');

describe('probe seal', () => {
  it('opens what a member sealed for this pod, once', () => {
    const opener = seal('b');
    const datagram = seal('a').seal('b', payload);
    const opened = opener.open(datagram);
    expect(opened).toMatchObject({ from: 'a' });
    expect('payload' in opened && Buffer.from(opened.payload).toString()).toBe('a probe');
    expect(opener.open(datagram)).toEqual({ failure: 'replay' });
  });

  it('ends with the first half of the HMAC-SHA256 of all before it', () => {
    for (const secret of [NEW.secret, Buffer.alloc(64, 7), Buffer.alloc(200, 9)]) {
      const datagram = seal('a', [{ id: 'k', secret }]).seal('b', payload);
      const mac = createHmac('sha256', secret).update(datagram.subarray(0, -MAC_BYTES)).digest();
      expect(datagram.subarray(-MAC_BYTES)).toEqual(mac.subarray(0, MAC_BYTES));
    }
  });

  it('refuses a datagram of which any single bit was changed', () => {
    const opener = seal('b');
    const datagram = seal('a').seal('b', payload);
    for (let bit = 0; bit < datagram.length * 8; bit++) {
      const changed = Buffer.from(datagram);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(opener.open(changed)).toHaveProperty('failure');
    }
    expect(opener.open(datagram)).toMatchObject({ from: 'a' });
  });

  it('refuses what is for another pod, from itself, or cut off', () => {
    const datagram = seal('a').seal('b', payload);
    expect(seal('c').open(datagram)).toEqual({ failure: 'receiver' });
    expect(seal('b').open(seal('b', [NEW], 'another').seal('b', payload))).toEqual({ failure: 'receiver' });
    for (let length = 0; length < datagram.length; length++)
      expect(seal('b').open(datagram.subarray(0, length))).toHaveProperty('failure');
  });

  it('takes several keys while they change, and none that it does not have', () => {
    const both = seal('b', [NEW, OLD]);
    expect(both.open(seal('a', [OLD]).seal('b', payload))).toMatchObject({ from: 'a' });
    expect(both.open(seal('c', [NEW]).seal('b', payload))).toMatchObject({ from: 'c' });
    expect(seal('b', [NEW]).open(seal('a', [OLD]).seal('b', payload))).toEqual({ failure: 'key' });
    const imposter = { id: NEW.id, secret: OLD.secret };
    expect(both.open(seal('d', [imposter]).seal('b', payload))).toEqual({ failure: 'mac' });
  });

  it('gives each receiver counters of its own, so that many peers do not stretch the window', () => {
    const sender = seal('a');
    const opener = seal('b');
    const first = sender.seal('b', payload);
    for (let count = 0; count < 100; count++) sender.seal('c', payload);
    expect(opener.open(sender.seal('b', payload))).toMatchObject({ from: 'a' });
    expect(opener.open(first)).toMatchObject({ from: 'a' });
  });

  it('takes any bytes without an exception', () => {
    const opener = seal('b');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(opener.open(Buffer.from(bytes))).toHaveProperty('failure');
        expect(opener.open(Buffer.from([1, ...bytes]))).toHaveProperty('failure');
      }),
    );
  });

  it('takes the largest payload that a datagram carries', () => {
    const large = Buffer.alloc(60_000, 1);
    const opened = seal('b').open(seal('a').seal('b', large));
    expect('payload' in opened && opened.payload.length).toBe(large.length);
  });
});

describe('key ring', () => {
  it('has a key', () => {
    expect(() => new KeyRing([])).toThrow(RangeError);
    expect(new KeyRing([OLD, NEW]).first.id).toBe('old');
  });
});
