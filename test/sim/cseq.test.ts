import { describe, expect, test } from '@jest/globals';
import { mayUseCSeq, takeCSeq, takeOverRecord } from '../../src/dialog/epoch-cseq.ts';
import type { DialogRecord } from '../../src/dialog/record.ts';
import { sampleRecord } from '../unit/dialog/sample-record.ts';

const EPOCHS = 4;

/** An owner sends as many requests on a leg as it may while its standby has nothing newer than `copy`. */
function sendAll(record: DialogRecord, copy: { last: number; epoch: number }, used: number[]): void {
  const [leg] = record.legs;
  for (;;) {
    const before = leg.localCSeq;
    const epochBefore = leg.localCSeqEpoch;
    const cseq = takeCSeq(leg, record.epoch);
    if (!mayUseCSeq(cseq, record.epoch, copy)) {
      leg.localCSeq = before;
      leg.localCSeqEpoch = epochBefore;
      return;
    }
    used.push(cseq);
  }
}

describe('trace 16: three epochs in a row, each from the oldest copy allowed', () => {
  test('no leg sees a CSeq twice, and each epoch begins above the one before', () => {
    const used: number[] = [];
    let owner = sampleRecord();
    for (let round = 0; round < EPOCHS; round++) {
      const standby = structuredClone(owner);
      sendAll(owner, { last: standby.legs[0].localCSeq, epoch: standby.legs[0].localCSeqEpoch }, used);
      takeOverRecord(standby, owner.epoch + 1, true);
      owner = standby;
    }
    expect(used.length).toBeGreaterThan(EPOCHS * 500);
    expect(new Set(used).size).toBe(used.length);
    expect([...used].sort((a, b) => a - b)).toEqual(used);
    expect(Math.max(...used)).toBeLessThan(2 ** 31);
  });
});
