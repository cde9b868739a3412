const WINDOW = 64n;
const WINDOW_MASK = (1n << WINDOW) - 1n;

interface Seen {
  boot: string;
  highest: number;
  /** Bit n: the counter `highest - n` was met. */
  window: bigint;
}

/**
 * Lets each counter of a sender's boot pass once, in any order within 64 numbers. Counters of a later boot start above
 * those of an earlier one, so a recorded probe of an earlier boot does not pass for a restart.
 */
export class ReplayGuard {
  readonly #seen = new Map<string, Seen>();

  /** Whether this counter is new; it is not from then on. */
  pass(sender: string, boot: string, counter: number): boolean {
    const seen = this.#seen.get(sender);
    if (seen === undefined || (seen.boot !== boot && counter > seen.highest)) {
      this.#seen.set(sender, { boot, highest: counter, window: 1n });
      return true;
    }
    return seen.boot === boot && slide(seen, counter);
  }

  /** A stream proved that this is the sender's present boot, whatever its clock says: its counters begin anew. */
  vouch(sender: string, boot: string): void {
    if (this.#seen.get(sender)?.boot === boot) return;
    this.#seen.set(sender, { boot, highest: -1, window: 0n });
  }
}

function slide(seen: Seen, counter: number): boolean {
  if (counter > seen.highest) {
    const step = BigInt(counter - seen.highest);
    seen.window = step >= WINDOW ? 1n : ((seen.window << step) & WINDOW_MASK) | 1n;
    seen.highest = counter;
    return true;
  }
  const age = BigInt(seen.highest - counter);
  const bit = 1n << age;
  if (age >= WINDOW || (seen.window & bit) !== 0n) return false;
  seen.window |= bit;
  return true;
}
