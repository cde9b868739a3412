import { isEqual } from './equal.ts';
import { timeOf } from './pod-view.ts';

/** Counts alone are written this often at most. */
const COUNTS_EVERY_MS = 10_000;

/** Whether a status is to be written now, and if not, when. */
export interface Writing {
  due: boolean;
  againAtMs: number;
}

/**
 * A status is written at once when anything but its counts differs, and for its counts alone once in ten seconds at most.
 * `withoutCounts` gives what is left of it when counts and `countedAt` are taken away.
 */
export function writingOf<T extends { countedAt?: string }>(
  before: T | undefined,
  wanted: T,
  withoutCounts: (status: T) => unknown,
  nowMs: number,
): Writing {
  if (before === undefined || !isEqual(withoutCounts(before), withoutCounts(wanted)))
    return { due: true, againAtMs: Infinity };
  if (isEqual({ ...before, countedAt: '' }, { ...wanted, countedAt: '' }))
    return { due: false, againAtMs: Infinity };
  const countedAtMs = timeOf(before.countedAt);
  const dueAtMs = countedAtMs + COUNTS_EVERY_MS;
  if (nowMs >= dueAtMs || nowMs < countedAtMs) return { due: true, againAtMs: Infinity };
  return { due: false, againAtMs: dueAtMs };
}
