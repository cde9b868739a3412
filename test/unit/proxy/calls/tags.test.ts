import { describe, expect, it } from '@jest/globals';
import { tagHash } from '../../../../src/dialog/token.ts';
import { Tags } from '../../../../src/proxy/calls/tags.ts';

describe('sharing tags', () => {
  it('are found by their hash and by their group', () => {
    const tags = new Tags([
      { tag: 'a', group: '' },
      { tag: 'b', group: 'gold' },
    ]);
    expect(tags.find(tagHash('b'))).toBe('b');
    expect(tags.find(tagHash('c'))).toBeUndefined();
    expect(tags.inGroup('')).toEqual(['a']);
    expect(tags.inGroup('gold')).toEqual(['b']);
    expect(tags.groupOf('b')).toBe('gold');
  });

  it('that are given up get no new calls, and their old tokens are understood', () => {
    const tags = new Tags([{ tag: 'a', group: '' }]);
    tags.replace([{ tag: 'b', group: '' }]);
    expect(tags.inGroup('')).toEqual(['b']);
    expect(tags.all).toEqual(['b']);
    expect(tags.find(tagHash('a'))).toBe('a');
  });
});
