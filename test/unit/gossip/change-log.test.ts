import { describe, expect, it } from '@jest/globals';
import { ChangeLog } from '../../../src/gossip/change-log.ts';

describe('change log', () => {
  it('gives each changed key once', () => {
    const log = new ChangeLog(10, 100);
    expect(['a', 'b', 'a'].map((key) => log.append(key))).toEqual([11, 12, 13]);
    expect(log.since(10)).toEqual(['a', 'b']);
    expect(log.since(12)).toEqual(['a']);
    expect(log.since(13)).toEqual([]);
  });

  it('does not tell about what it has forgotten or never had', () => {
    const log = new ChangeLog(0, 10);
    for (let change = 1; change <= 100; change++) log.append(`k${String(change)}`);
    expect(log.since(0)).toBeUndefined();
    expect(log.since(101)).toBeUndefined();
    expect(log.since(95)).toEqual(['k96', 'k97', 'k98', 'k99', 'k100']);
    expect(log.sequence).toBe(100);
  });
});
