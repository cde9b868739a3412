import { describe, expect, test } from '@jest/globals';
import {
  firstCSeq,
  initialCSeq,
  mayUseCSeq,
  takeCSeq,
  takeOverRecord,
} from '../../../src/dialog/epoch-cseq.ts';
import { sampleRecord } from './sample-record.ts';

describe('CSeq of an epoch', () => {
  test.each([
    { to: 3, inSync: true, first: 103 },
    { to: 4, inSync: true, first: 1_102 },
    { to: 6, inSync: true, first: 3_102 },
    { to: 4, inSync: false, first: 1_001_102 },
    { to: 2, inSync: true, first: 103 },
  ])('after 102 of epoch 3 comes in epoch $to (in sync: $inSync) $first', ({ to, inSync, first }) => {
    expect(firstCSeq(102, 3, to, inSync)).toBe(first);
  });

  test('a leg that is used again in its epoch counts by one', () => {
    const record = sampleRecord();
    const [, callee] = record.legs;
    expect([takeCSeq(callee, 4), takeCSeq(callee, 4), takeCSeq(callee, 5)]).toEqual([1_102, 1_103, 2_103]);
  });

  test('an owner stays below what the next epoch begins with, and is free without a standby', () => {
    const copy = { last: 102, epoch: 3 };
    expect(mayUseCSeq(1_101, 3, copy)).toBe(true);
    expect(mayUseCSeq(1_102, 3, copy)).toBe(false);
    expect(mayUseCSeq(1_102, 3, undefined)).toBe(true);
  });

  test('trace 16: three epochs in a row, each from the oldest copy allowed, use no number twice', () => {
    const used = new Set<number>();
    let copy = { last: 102, epoch: 3 };
    for (const epoch of [4, 5, 6]) {
      let cseq = firstCSeq(copy.last, copy.epoch, epoch, true);
      const first = cseq;
      for (; mayUseCSeq(cseq, epoch, copy); cseq++) {
        expect(used.has(cseq)).toBe(false);
        used.add(cseq);
      }
      expect(cseq - first).toBeGreaterThan(0);
      if (epoch === 5) copy = { last: first, epoch };
    }
  });

  test('taking over without being in sync skips a million once', () => {
    const record = sampleRecord();
    takeOverRecord(record, 4, false);
    takeOverRecord(record, 4, false);
    expect(record.epoch).toBe(4);
    expect(record.legs[1].localCSeq).toBe(1_001_102);
    expect(takeCSeq(record.legs[1], 4)).toBe(1_001_103);
  });

  test('taking over makes the version grow, so that the copy travels', () => {
    const record = sampleRecord();
    takeOverRecord(record, 4, true);
    expect(record.version).toBe(10);
    expect(record.legs[1].localCSeq).toBe(102);
  });

  test.each([
    [1, 1],
    [2 ** 30, 2 ** 30],
    [2 ** 30 + 1, 1],
    [2 ** 31 - 1, 1],
    [0, 1],
  ])('an INVITE with %i begins with %i', (callers, expected) => {
    expect(initialCSeq(callers)).toBe(expected);
  });
});
