import type { SipMessage } from '../message.ts';
import type { TimerName } from './timers.ts';

/**
 * What a transaction asks of the program that runs it, to be performed in order. Timers come before messages, so that a
 * message may fail, or its receiver act on the transaction, while the others are still to be performed.
 */
export type Effect =
  | { readonly type: 'send'; readonly text: string }
  /** The message is for the transaction user. */
  | { readonly type: 'deliver'; readonly message: SipMessage }
  /** The peer did not answer in time: 408 to the transaction user of a client, no ACK to that of a server. */
  | { readonly type: 'timeout' }
  /** The peer cannot be reached; a client has ended, a server waits for its timers. */
  | { readonly type: 'transportFailed' }
  /** Starts the timer; a running one of that name is replaced. */
  | { readonly type: 'setTimer'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly type: 'clearTimer'; readonly timer: TimerName }
  /** The transaction is over; none of its timers runs any more. */
  | { readonly type: 'finished' };

/** The shared answer of a step that asks for nothing. */
export const NOTHING: readonly Effect[] = Object.freeze([]);

/** The transaction is over. */
export const FINISHED: Effect = { type: 'finished' };

/** The peer did not answer in time. */
export const TIMEOUT: Effect = { type: 'timeout' };

/** The peer cannot be reached. */
export const TRANSPORT_FAILED: Effect = { type: 'transportFailed' };

/** The message is for the transaction user. */
export function deliver(message: SipMessage): Effect {
  return { type: 'deliver', message };
}

/** Send the text to the transaction's peer. */
export function send(text: string): Effect {
  return { type: 'send', text };
}

/** Start the timer, delay in milliseconds. */
export function setTimer(timer: TimerName, delayMs: number): Effect {
  return { type: 'setTimer', timer, delayMs };
}

/** Stop the timer. */
export function clearTimer(timer: TimerName): Effect {
  return { type: 'clearTimer', timer };
}
