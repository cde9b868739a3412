import type { DialogRecord, Leg } from './record.ts';

/** How many numbers an epoch has of its own (OWNERSHIP section 8). */
const CSEQ_PER_EPOCH = 1_000;

/** What a new owner that was not in sync adds once, since its copy may be old. */
const CSEQ_OUT_OF_SYNC = 1_000_000;

/** Initial numbers above it are replaced, so that epochs never reach 2^31 (RFC 3261 §8.1.1.5). */
const CSEQ_INITIAL_LIMIT = 2 ** 30;

/** The first number of epoch `toEpoch`, from a copy whose last number was used in `fromEpoch`. */
export function firstCSeq(last: number, fromEpoch: number, toEpoch: number, inSync: boolean): number {
  const own = toEpoch <= fromEpoch ? 1 : CSEQ_PER_EPOCH * (toEpoch - fromEpoch);
  return last + own + (inSync ? 0 : CSEQ_OUT_OF_SYNC);
}

/**
 * Whether an owner may use a number while a listed standby still holds an older copy of the leg: it stays below
 * what the next epoch would begin with. `copy` is undefined when no standby is listed.
 */
export function mayUseCSeq(
  cseq: number,
  epoch: number,
  copy: { last: number; epoch: number } | undefined,
): boolean {
  return copy === undefined || cseq < firstCSeq(copy.last, copy.epoch, epoch + 1, true);
}

/** Takes the next number of a leg in this epoch. */
export function takeCSeq(leg: Leg, epoch: number): number {
  leg.localCSeq = firstCSeq(leg.localCSeq, leg.localCSeqEpoch, epoch, true);
  leg.localCSeqEpoch = epoch;
  return leg.localCSeq;
}

/**
 * Makes a record one of this epoch, before its new owner sends anything. An owner that was not in sync also skips
 * numbers that its old copy cannot know of. Does nothing the second time.
 */
export function takeOverRecord(record: DialogRecord, epoch: number, inSync: boolean): void {
  if (record.epoch >= epoch) return;
  record.epoch = epoch;
  record.version++;
  if (inSync) return;
  for (const leg of record.legs) {
    leg.localCSeq = firstCSeq(leg.localCSeq, leg.localCSeqEpoch, epoch, false);
    leg.localCSeqEpoch = epoch;
  }
}

/** The number that an initial INVITE gets on the callee's leg: the caller's own, unless it leaves too little room. */
export function initialCSeq(callers: number): number {
  return callers > CSEQ_INITIAL_LIMIT || callers < 1 ? 1 : callers;
}
