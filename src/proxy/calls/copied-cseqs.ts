import type { DialogRecord, Leg, LegIndex } from '../../dialog/record.ts';

/** The last CSeq number of a leg in a copy of its record, and the epoch in which it was used (OWNERSHIP section 8). */
export interface CopiedCSeq {
  last: number;
  epoch: number;
}

/** Those of both legs. */
export type CopiedCSeqs = Readonly<Record<LegIndex, CopiedCSeq>>;

/** The numbers that a copy of the record as it is now has. */
export function copiedCSeqs({ legs }: DialogRecord): CopiedCSeqs {
  return [copied(legs[0]), copied(legs[1])];
}

function copied({ localCSeq, localCSeqEpoch }: Leg): CopiedCSeq {
  return { last: localCSeq, epoch: localCSeqEpoch };
}
