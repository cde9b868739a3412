import { describe, expect, it } from '@jest/globals';
import { placeTags, ringOrder } from '../../../src/gossip/placement.ts';

const TAGS = Array.from({ length: 12 }, (_, index) => `edge-${String(index)}`);

describe('placement', () => {
  it('spreads tags evenly and honours names', () => {
    const placed = placeTags(
      TAGS,
      ['A', 'B', 'C'],
      new Map([
        ['edge-0', 'C'],
        ['edge-1', 'nobody'],
      ]),
    );
    const load = ['A', 'B', 'C'].map((pod) => [...placed.values()].filter((owner) => owner === pod).length);
    expect(load).toEqual([4, 4, 4]);
    expect(placed.get('edge-0')).toBe('C');
  });

  it('is the same on every pod, whatever the order of its lists', () => {
    const one = placeTags(TAGS, ['A', 'B', 'C'], new Map());
    const other = placeTags([...TAGS].reverse(), ['C', 'A', 'B'], new Map());
    for (const tag of TAGS) expect(other.get(tag)).toBe(one.get(tag));
  });

  it('places nothing on nobody', () => {
    expect(placeTags(TAGS, [], new Map()).size).toBe(0);
  });

  it('a pod less moves only its own places in the ring', () => {
    for (const tag of TAGS)
      expect(ringOrder(tag, ['A', 'B', 'C', 'D']).filter((pod) => pod !== 'C')).toEqual(
        ringOrder(tag, ['A', 'B', 'D']),
      );
  });
});
