/** No epoch is above this: the mesh has no room for more. */
export const MOST_EPOCH = 0x7fff_ffff;

/** Epochs that a tag may have come through since anybody but its status knew of one; far more than ever happened, and few enough for CSeqs. */
const MOST_UNSEEN = 10_000;

/**
 * The epoch of a status as far as it can be believed: anybody may have raised it by hand. `known` is what voters and rosters know. What is
 * started above a number near the last one would leave none for later owners, and every CSeq grows with the epoch (OWNERSHIP 8).
 */
export function believedEpoch(told: number, known: number): number {
  return Math.min(told, known + MOST_UNSEEN);
}
