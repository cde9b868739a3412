import { describe, expect, it } from '@jest/globals';
import { Bits, BUCKETS, hashText } from '../../../src/gossip/digest.ts';
import { decodeEnds, encodeEnds, EndedKeys, REMEMBER_ENDS_MS } from '../../../src/gossip/ended-keys.ts';

const ALL = new Bits(new Uint8Array(BUCKETS / 8).fill(0xff));
const MINUTE = 60_000;

describe('ended keys', () => {
  it('are remembered for ten minutes, then forgotten', () => {
    const ended = new EndedKeys();
    const hash = hashText('call');
    expect(ended.add({ hash, endedAtMs: 0 }, 0)).toBe(true);
    expect(ended.add({ hash, endedAtMs: 0 }, 0)).toBe(false);
    expect(ended.expire(REMEMBER_ENDS_MS)).toEqual([]);
    expect(ended.has(hash)).toBe(true);
    expect(ended.expire(REMEMBER_ENDS_MS + 2 * MINUTE)).toEqual([hash]);
    expect(ended.has(hash)).toBe(false);
    expect(ended.size).toBe(0);
  });

  it('hold many', () => {
    const ended = new EndedKeys();
    for (let index = 0; index < 50_000; index++)
      ended.add({ hash: hashText(`call ${String(index)}`), endedAtMs: index }, index);
    expect(ended.size).toBe(50_000);
    expect(ended.has(hashText('call 49999'))).toBe(true);
    expect(ended.has(hashText('call 50000'))).toBe(false);
    expect(ended.inBuckets(ALL)).toHaveLength(50_000);
    expect(ended.inBuckets(new Bits(BUCKETS))).toEqual([]);
  });

  it('told from pod to pod, an end does not live for ever', () => {
    const pods = [new EndedKeys(), new EndedKeys()];
    const hash = hashText('call');
    pods[0]?.add({ hash, endedAtMs: 0 }, 0);
    let nowMs = 0;
    for (; nowMs < 30 * MINUTE; nowMs += 30_000)
      for (const [from, to] of [pods, [...pods].reverse()])
        for (const end of decodeEnds(encodeEnds(from?.inBuckets(ALL) ?? [], nowMs), nowMs)) {
          from?.expire(nowMs);
          to?.add(end, nowMs);
        }
    for (const pod of pods) pod.expire(nowMs);
    expect(pods.map((pod) => pod.size)).toEqual([0, 0]);
  });

  it('travel with their age, on clocks that began at different times', () => {
    const [end] = decodeEnds(encodeEnds([{ hash: 5, endedAtMs: 1000 }], 61_000), 9_000_000);
    expect(end).toEqual({ hash: 5, endedAtMs: 9_000_000 - 60_000 });
    expect(decodeEnds(new Uint8Array(25), 0)).toEqual([]);
  });
});
