import { describe, expect, it } from '@jest/globals';
import { Bits, BUCKETS, bucketOf, hashText, SetDigest } from '../../../src/gossip/digest.ts';

describe('hash', () => {
  it('is a whole number above 0 and spreads similar keys', () => {
    const hashes = new Set<number>();
    const buckets = new Set<number>();
    for (let index = 0; index < 20_000; index++) {
      const hash = hashText(`k${String(index)}`);
      expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
      hashes.add(hash);
      buckets.add(bucketOf(hash));
    }
    expect(hashes.size).toBe(20_000);
    expect(buckets.size).toBe(BUCKETS);
  });
});

describe('digest of a set', () => {
  const digest = (entries: [string, number, number][]): SetDigest => {
    const set = new SetDigest();
    for (const [key, epoch, version] of entries) set.toggle(hashText(key), epoch, version);
    return set;
  };

  it('does not depend on the order, and forgets what is taken out', () => {
    const a = digest([
      ['a', 1, 1],
      ['b', 1, 2],
    ]);
    const b = digest([
      ['b', 1, 2],
      ['c', 5, 5],
      ['a', 1, 1],
      ['c', 5, 5],
    ]);
    expect(a.differing(b.bytes()).empty).toBe(true);
    expect(a.summary()).toBe(b.summary());
  });

  it('names the buckets that differ, and all if the other one is no digest', () => {
    const a = digest([['a', 1, 1]]);
    const b = digest([['a', 1, 2]]);
    const differing = a.differing(b.bytes());
    expect(differing.has(bucketOf(hashText('a')))).toBe(true);
    expect(differing.bytes.reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0)).toBe(1);
    expect(a.differing(new Uint8Array(3)).bytes.every((byte) => byte === 0xff)).toBe(true);
  });

  it('tells an ended record from every live version', () => {
    for (let epoch = 0; epoch < 20; epoch++)
      for (let version = 0; version < 20; version++) {
        const live = digest([['k', epoch, version]]);
        const ended = new SetDigest();
        ended.toggleEnd(hashText('k'));
        expect(live.differing(ended.bytes()).empty).toBe(false);
      }
  });
});

describe('bits', () => {
  it('are set one by one', () => {
    const bits = new Bits(16);
    expect(bits.empty).toBe(true);
    bits.set(9);
    expect([bits.has(8), bits.has(9), bits.empty]).toEqual([false, true, false]);
    expect(new Bits(bits.bytes).has(9)).toBe(true);
  });
});
