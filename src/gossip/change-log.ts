/** Keys of a tag's last changes in order: what a standby that reconnects, or the next frame, still needs. */
export class ChangeLog {
  readonly #limit: number;
  #keys: string[] = [];
  /** Sequence of the change before the first one kept. */
  #base: number;

  constructor(base: number, limit: number) {
    this.#base = base;
    this.#limit = limit;
  }

  /** Sequence of the newest change. */
  get sequence(): number {
    return this.#base + this.#keys.length;
  }

  /** Returns the sequence of this change. */
  append(key: string): number {
    this.#keys.push(key);
    if (this.#keys.length > this.#limit * 2) {
      this.#base += this.#limit;
      this.#keys = this.#keys.slice(this.#limit);
    }
    return this.sequence;
  }

  /** Keys changed after `sequence`, each once; undefined if the log does not reach back so far. */
  since(sequence: number): string[] | undefined {
    if (sequence < this.#base || sequence > this.sequence) return undefined;
    if (sequence === this.sequence) return [];
    if (sequence === this.sequence - 1) return this.#keys.slice(-1);
    return [...new Set(this.#keys.slice(sequence - this.#base))];
  }
}
