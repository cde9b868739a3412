/** Until when an owner may act: per voter the time at which the last probe was *sent* that it answered with a renewal (OWNERSHIP 4). */
export class Lease {
  readonly #sentAt = new Map<string, number>();

  renew(voter: string, sentAtMs: number): void {
    const last = this.#sentAt.get(voter);
    if (last === undefined || sentAtMs > last) this.#sentAt.set(voter, sentAtMs);
  }

  /** Answers under an older roster count no more. */
  clear(): void {
    this.#sentAt.clear();
  }

  /** The time up to which at least `votes` of the `voters` have renewed, each for `lengthMs`; -Infinity if too few ever did. */
  until(voters: readonly string[], votes: number, lengthMs: number): number {
    if (votes <= 0) return Infinity;
    const renewed = voters.map((voter) => this.#sentAt.get(voter) ?? -Infinity).sort((a, b) => b - a);
    return (renewed[votes - 1] ?? -Infinity) + lengthMs;
  }
}
