/** RFC 3261 §14.1: who generated the Call-ID waits 2.1 to 4 s after a 491, the other 0 to 2 s, in steps of 10 ms. */
export function glareWaitMs(endpointChoseCallId: boolean, random: () => number): number {
  return endpointChoseCallId ? 10 * step(random, 200) : 2_100 + 10 * step(random, 190);
}

/** A number from 0 to `most`, each as likely. */
function step(random: () => number, most: number): number {
  return Math.floor(random() * (most + 1));
}

const REFUSED_FIRST_MS = 30_000;
const REFUSED_MOST_MS = 600_000;
const UNREACHED_FIRST_MS = 5_000;
const UNREACHED_MOST_MS = 60_000;

/** How long a refused leg is left alone, by how often it has refused. */
export function refusedWaitMs(refusals: number): number {
  return Math.min(REFUSED_MOST_MS, REFUSED_FIRST_MS * 2 ** (refusals - 1));
}

/** How long an unreached leg is left alone, by how often it was silent. */
export function unreachedWaitMs(silences: number): number {
  return Math.min(UNREACHED_MOST_MS, UNREACHED_FIRST_MS * 2 ** (silences - 1));
}
