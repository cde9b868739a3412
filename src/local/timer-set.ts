/** Timers that end together with their owner. */
export class TimerSet {
  readonly #open = new Set<NodeJS.Timeout>();

  /** Runs `task` once after `ms`; the returned function calls it off. */
  after(ms: number, task: () => void): () => void {
    const timer = setTimeout(() => {
      this.#open.delete(timer);
      task();
    }, ms);
    this.#open.add(timer);
    return () => {
      this.#open.delete(timer);
      clearTimeout(timer);
    };
  }

  /** Calls everything off. */
  clear(): void {
    for (const timer of this.#open) clearTimeout(timer);
    this.#open.clear();
  }
}
