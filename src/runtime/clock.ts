/** Time as the process sees it; tests bring one of their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls `callback` once after `delayMs`. */
  after(delayMs: number, callback: () => void): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    // Sockets keep a process alive, timers do not.
    setTimeout(callback, delayMs).unref();
  },
};
