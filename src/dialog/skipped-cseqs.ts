/** More than an endpoint has under way at a time. */
const LIMIT = 32;

/**
 * CSeq numbers of one endpoint that a later one has overtaken. RFC 3261 §12.2.2 refuses what is lower than the last number, since
 * a user agent is reached by one path; here a request may be held at an old owner while the next one already goes to the new
 * owner. Each number is taken once, so that nothing is carried out twice.
 */
export class SkippedCSeqs {
  readonly #numbers = new Set<number>();

  /** A request came whose number is above the last one. */
  note(last: number, cseq: number): void {
    if (last === 0) return;
    for (let number = Math.max(last + 1, cseq - LIMIT); number < cseq; number++) this.#numbers.add(number);
    for (const oldest of this.#numbers) {
      if (this.#numbers.size <= LIMIT) return;
      this.#numbers.delete(oldest);
    }
  }

  /** Whether a request with this number has not come yet; from now on it has. */
  take(cseq: number): boolean {
    return this.#numbers.delete(cseq);
  }
}
