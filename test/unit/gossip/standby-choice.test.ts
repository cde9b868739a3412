import { describe, expect, it } from '@jest/globals';
import { chooseStandbys, type StandbyCandidate } from '../../../src/gossip/standby-choice.ts';

const OWNER = { node: 'n1', zone: 'z1' };

/** "pod node zone", with "!" for a wished one. */
function candidates(...texts: string[]): StandbyCandidate[] {
  return texts.map((text) => {
    const [pod = '', node = '', zone = ''] = text.replace('!', '').split(' ');
    return { pod, node, zone, wished: text.includes('!') };
  });
}

function chosen(count: number, ...texts: string[]): string[] {
  return chooseStandbys(OWNER, candidates(...texts), count).map(({ pod }) => pod);
}

describe('the choice of standbys', () => {
  it('takes wished ones first, in their order', () => {
    expect(chosen(2, 'B! n2', 'C! n3', 'D n4')).toEqual(['B', 'C']);
    expect(chosen(2, 'D n4', 'C! n3')).toEqual(['C', 'D']);
  });

  it('meets every wish, whatever the nodes and however many', () => {
    expect(chosen(1, 'B! n1', 'C! n1', 'D n2')).toEqual(['B', 'C']);
  });

  it('leaves the owner’s node out while another node has a candidate', () => {
    expect(chosen(1, 'B n1', 'C n2')).toEqual(['C']);
    expect(chosen(2, 'B n1', 'C n2')).toEqual(['C', 'B']);
    expect(chosen(2, 'B n1', 'C n2', 'D n2')).toEqual(['C', 'D']);
  });

  it('puts no two on one node if it can be helped', () => {
    expect(chosen(2, 'B! n2', 'C n2', 'D n3')).toEqual(['B', 'D']);
    expect(chosen(2, 'B n2', 'C n2')).toEqual(['B', 'C']);
  });

  it('spreads over zones where nobody wished otherwise', () => {
    expect(chosen(2, 'B n2 z1', 'C n3 z2', 'D n4 z2', 'E n5 z3')).toEqual(['C', 'E']);
    expect(chosen(2, 'B! n2 z1', 'C! n3 z1', 'D n4 z2')).toEqual(['B', 'C']);
  });

  it('takes unknown nodes for different ones', () => {
    expect(chosen(2, 'B', 'C', 'D n1')).toEqual(['B', 'C']);
  });
});
