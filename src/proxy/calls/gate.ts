import type { TimerEntry, TimingWheel } from '../../runtime/timing-wheel.ts';

/** What a gate needs of its surroundings. */
export interface GateOptions {
  wheel: TimingWheel;
  /** Longest wait for an acknowledgement, in ms. */
  protectTimeoutMs: number;
  /** The wait ended without an acknowledgement. */
  unprotected: () => void;
}

/**
 * Holds a message that completes an offer/answer until a standby acknowledged what it changes, and all later
 * messages of the dialog behind it. One gate serves one wait; `closed` runs when nothing is held any more.
 */
export class Gate {
  private readonly held: (() => void)[] = [];
  private readonly timer: TimerEntry;
  private readonly options: GateOptions;
  /** The sequence that must be acknowledged. */
  readonly sequence: number;
  private readonly closed: () => void;

  constructor(options: GateOptions, sequence: number, closed: () => void) {
    this.options = options;
    this.sequence = sequence;
    this.closed = closed;
    this.timer = options.wheel.set(options.protectTimeoutMs, () => {
      options.unprotected();
      this.open();
    });
  }

  push(release: () => void): void {
    this.held.push(release);
  }

  /** A standby holds everything up to `sequence`. */
  acknowledged(sequence: number): void {
    if (sequence >= this.sequence) this.release();
  }

  /** Lets everything go now. */
  release(): void {
    this.options.wheel.clear(this.timer);
    this.open();
  }

  private open(): void {
    this.closed();
    for (const release of this.held) release();
  }
}
