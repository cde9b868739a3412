/** Which request moves a leg (DESIGN section 7); `Auto` is `Update` for peers known to honour it, and tries the other one once. */
export type RehomeMethod = 'Reinvite' | 'Update' | 'Auto';

/** How dialogs are re-homed. Intervals in milliseconds. */
export interface RehomePolicy {
  method: RehomeMethod;
  /** RFC 3261 §17.1.1.1: 500 ms and 4 s unless the network says otherwise. */
  t1Ms: number;
  t2Ms: number;
}

/** How long a transaction may stay without an end (RFC 3261 §17.1.1.2: 64*T1). */
export function transactionLifeMs(policy: RehomePolicy): number {
  return 64 * policy.t1Ms;
}
