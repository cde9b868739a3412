import { describe, expect, it } from '@jest/globals';
import { placeTags, ringOrder } from '../../../src/gossip/placement.ts';

const NAMES = Array.from({ length: 12 }, (_, index) => `edge-${String(index)}`);
const TAGS = NAMES.map((tag) => ({ tag }));

describe('placement', () => {
  it('spreads tags evenly and honours names', () => {
    const named: Record<string, string[]> = { 'edge-0': ['C', 'A'], 'edge-1': ['nobody'] };
    const placed = placeTags(
      NAMES.map((tag) => ({ tag, placement: named[tag] })),
      ['A', 'B', 'C'],
    );
    const load = ['A', 'B', 'C'].map((pod) => [...placed.values()].filter((owner) => owner === pod).length);
    expect(load).toEqual([4, 4, 4]);
    expect(placed.get('edge-0')).toBe('C');
  });

  it('is the same on every pod, whatever the order of its lists', () => {
    const one = placeTags(TAGS, ['A', 'B', 'C']);
    const other = placeTags([...TAGS].reverse(), ['C', 'A', 'B']);
    for (const tag of NAMES) expect(other.get(tag)).toBe(one.get(tag));
  });

  it('places nothing on nobody', () => {
    expect(placeTags(TAGS, []).size).toBe(0);
  });

  it('a pod less moves only its own places in the ring', () => {
    for (const tag of NAMES)
      expect(ringOrder(tag, ['A', 'B', 'C', 'D']).filter((pod) => pod !== 'C')).toEqual(
        ringOrder(tag, ['A', 'B', 'D']),
      );
  });
});
