import { describe, expect, it } from '@jest/globals';
import { CallCensus, type CountedCalls } from '../../../src/proxy/call-census.ts';
import { sampleRecord } from '../dialog/sample-record.ts';

describe('a census', () => {
  it('names the tags of the pod that carry no call, and no tag that came after it', () => {
    const record = sampleRecord();
    const owned = [record.tag, 'empty'];
    let nowMs = 0;
    const census = new CallCensus({
      pod: 'a',
      calls: new Map([[record.id, { record }]]),
      mesh: { ownedTags: () => owned, ownerOf: (tag: string) => ({ pod: owned.includes(tag) ? 'a' : 'b' }) },
      tokenKeys: { inUse: () => [] },
      monotonicMs: () => nowMs,
    } as unknown as CountedCalls);
    expect(census.take(1000).byTag).toEqual({ [record.tag]: 1, empty: 0 });
    owned.push('late');
    nowMs = 999;
    expect(census.take(1000).byTag).not.toHaveProperty('late');
    nowMs = 1000;
    expect(census.take(1000).byTag).toEqual({ [record.tag]: 1, empty: 0, late: 0 });
  });
});
