import { describe, expect, it } from '@jest/globals';
import { LogThrottle } from '../../../src/mesh/log-throttle.ts';

describe('log throttle', () => {
  it('lets a subject pass once in 10 s, whatever others do', () => {
    let nowMs = 0;
    const throttle = new LogThrottle(() => nowMs);
    expect(throttle.pass('a')).toBe(true);
    expect(throttle.pass('a')).toBe(false);
    expect(throttle.pass('b')).toBe(true);
    nowMs = 9_999;
    expect(throttle.pass('a')).toBe(false);
    nowMs = 10_000;
    expect(throttle.pass('a')).toBe(true);
    expect(throttle.pass('a')).toBe(false);
  });

  it('passes new subjects for ever, in bounded memory', () => {
    const throttle = new LogThrottle(() => 0);
    for (let count = 0; count < 5_000; count++) expect(throttle.pass(String(count))).toBe(true);
    expect(throttle.pass('4999')).toBe(false);
  });
});
