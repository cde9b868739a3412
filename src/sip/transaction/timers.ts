/** Base values of the SIP timers, in milliseconds (RFC 3261 §17.1.1.1). */
export interface TimerConfig {
  /** Estimate of a round trip: the first retransmission interval. */
  readonly t1: number;
  /** Longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** Longest time that a message stays in the network. */
  readonly t4: number;
}

/** The timers of RFC 3261 Table 4 and RFC 6026; `Trying` is when a 100 to a non-INVITE request is due (RFC 4320 §4.1). */
export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'Trying';

/** How a transaction reaches its peer and how long it waits. */
export interface TransactionOptions {
  /** Whether the transport delivers or reports (TCP); switches retransmission off. */
  readonly reliable: boolean;
  readonly timers: TimerConfig;
}

/** RFC 3261 Table 4. */
export const DEFAULT_TIMERS: TimerConfig = { t1: 500, t2: 4000, t4: 5000 };

/** How long a peer is given before a transaction gives up, in ms: timers B, F, H, J, L and M, and D on UDP. */
export function giveUpMs(timers: TimerConfig): number {
  return 64 * timers.t1;
}

/** How long late copies are absorbed after the end, in ms: timers I and K (T4), none over a reliable transport. */
export function absorbMs(options: TransactionOptions): number {
  return options.reliable ? 0 : options.timers.t4;
}

/** The next retransmission interval in ms: doubled, at most T2 (timers E and G). */
export function backOff(intervalMs: number, timers: TimerConfig): number {
  return Math.min(2 * intervalMs, timers.t2);
}

/** When a client's Timer E is first reset to T2, in ms after its request (RFC 4320 §4.1). */
export function tryingDueMs(timers: TimerConfig): number {
  let interval = timers.t1;
  let elapsed = 0;
  while (interval < timers.t2) {
    elapsed += interval;
    interval = backOff(interval, timers);
  }
  return elapsed;
}
