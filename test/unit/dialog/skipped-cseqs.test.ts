import { describe, expect, test } from '@jest/globals';
import { SkippedCSeqs } from '../../../src/dialog/skipped-cseqs.ts';

describe('numbers that were overtaken', () => {
  test('may come later, each once', () => {
    const skipped = new SkippedCSeqs();
    skipped.note(15, 19);
    expect([16, 17, 18].map((cseq) => skipped.take(cseq))).toEqual([true, true, true]);
    expect([16, 15, 19, 20].map((cseq) => skipped.take(cseq))).toEqual([false, false, false, false]);
  });

  test('are none where one follows the other, or nothing came before', () => {
    const skipped = new SkippedCSeqs();
    skipped.note(15, 16);
    skipped.note(0, 100);
    expect([15, 16, 99, 100].some((cseq) => skipped.take(cseq))).toBe(false);
  });

  test('are the newest 32, however far an endpoint jumps', () => {
    const skipped = new SkippedCSeqs();
    skipped.note(1, 4);
    skipped.note(4, 2 ** 31 - 1);
    expect(skipped.take(2)).toBe(false);
    expect(skipped.take(2 ** 31 - 2)).toBe(true);
    expect(skipped.take(2 ** 31 - 33)).toBe(true);
    expect(skipped.take(2 ** 31 - 34)).toBe(false);
  });
});
