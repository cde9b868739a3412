import type { SipMessage } from '../message.ts';
import {
  clearTimer,
  deliver,
  FINISHED,
  NOTHING,
  send,
  setTimer,
  TIMEOUT,
  TRANSPORT_FAILED,
  type Effect,
} from './effect.ts';
import type { Input } from './input.ts';
import { absorbMs, backOff, giveUpMs, type TimerName, type TransactionOptions } from './timers.ts';

/** A request other than INVITE and ACK on its way to a server (RFC 3261 §17.1.2). */
export interface NonInviteClient {
  readonly kind: 'non-invite-client';
  readonly options: TransactionOptions;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated';
  /** The request as sent; '' once it cannot be sent again. */
  request: string;
  /** The running interval of Timer E in ms. */
  intervalMs: number;
}

/** A client transaction for `request`, which `start` sends. */
export function createNonInviteClient(request: string, options: TransactionOptions): NonInviteClient {
  return { kind: 'non-invite-client', options, state: 'trying', request, intervalMs: options.timers.t1 };
}

/** Applies one input to a non-INVITE client transaction, in place. */
export function stepNonInviteClient(tx: NonInviteClient, input: Input): readonly Effect[] {
  switch (input.type) {
    case 'start':
      return start(tx);
    case 'response':
      return receive(tx, input.status, input.message);
    case 'timer':
      return fire(tx, input.timer);
    case 'transportError':
      return failTransport(tx);
    case 'request':
    case 'respond':
      return NOTHING;
  }
}

function isUnanswered(tx: NonInviteClient): boolean {
  return tx.state === 'trying' || tx.state === 'proceeding';
}

function start(tx: NonInviteClient): readonly Effect[] {
  if (tx.state !== 'trying') return NOTHING;
  const timerF = setTimer('F', giveUpMs(tx.options.timers));
  if (tx.options.reliable) return [timerF, send(tx.request)];
  return [setTimer('E', tx.intervalMs), timerF, send(tx.request)];
}

function receive(tx: NonInviteClient, status: number, message: SipMessage): readonly Effect[] {
  if (!isUnanswered(tx)) return NOTHING;
  if (status < 200) {
    tx.state = 'proceeding';
    return [deliver(message)];
  }
  const effects = stopTimers(tx);
  tx.request = '';
  const delayMs = absorbMs(tx.options);
  tx.state = delayMs === 0 ? 'terminated' : 'completed';
  if (delayMs > 0) effects.push(setTimer('K', delayMs));
  effects.push(deliver(message));
  if (delayMs === 0) effects.push(FINISHED);
  return effects;
}

function stopTimers(tx: NonInviteClient): Effect[] {
  return tx.options.reliable ? [clearTimer('F')] : [clearTimer('E'), clearTimer('F')];
}

function fire(tx: NonInviteClient, timer: TimerName): readonly Effect[] {
  if (timer === 'E' && isUnanswered(tx)) return retransmit(tx);
  if (timer === 'F' && isUnanswered(tx)) return timeOut(tx);
  if (timer === 'K' && tx.state === 'completed') {
    tx.state = 'terminated';
    return [FINISHED];
  }
  return NOTHING;
}

function retransmit(tx: NonInviteClient): readonly Effect[] {
  // RFC 3261 §17.1.2.2: once a provisional response has come, the interval is T2.
  const { timers } = tx.options;
  tx.intervalMs = tx.state === 'proceeding' ? timers.t2 : backOff(tx.intervalMs, timers);
  return [setTimer('E', tx.intervalMs), send(tx.request)];
}

function timeOut(tx: NonInviteClient): readonly Effect[] {
  tx.state = 'terminated';
  tx.request = '';
  return tx.options.reliable ? [TIMEOUT, FINISHED] : [clearTimer('E'), TIMEOUT, FINISHED];
}

function failTransport(tx: NonInviteClient): readonly Effect[] {
  if (!isUnanswered(tx)) return NOTHING;
  const effects = stopTimers(tx);
  tx.state = 'terminated';
  tx.request = '';
  effects.push(TRANSPORT_FAILED, FINISHED);
  return effects;
}
