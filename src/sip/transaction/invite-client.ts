import { parseMessage, SipMessage } from '../message.ts';
import { buildAck } from './ack.ts';
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
import { giveUpMs, type TimerName, type TransactionOptions } from './timers.ts';

/** An INVITE on its way to a server (RFC 3261 §17.1.1, RFC 6026 §7.2). */
export interface InviteClient {
  readonly kind: 'invite-client';
  readonly options: TransactionOptions;
  state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';
  /** The INVITE as sent; '' once neither a retransmission nor an ACK can need it. */
  request: string;
  /** The ACK of a final response other than 2xx. */
  ack: string;
  /** The running interval of Timer A in ms. */
  intervalMs: number;
}

/** A client transaction for the INVITE `request`, which `start` sends. */
export function createInviteClient(request: string, options: TransactionOptions): InviteClient {
  return {
    kind: 'invite-client',
    options,
    state: 'calling',
    request,
    ack: '',
    intervalMs: options.timers.t1,
  };
}

/** Whether a provisional response, and no final one, has come: only then may a CANCEL go out (RFC 3261 §9.1). */
export function hasProvisional(tx: InviteClient): boolean {
  return tx.state === 'proceeding';
}

/** Applies one input to an INVITE client transaction, in place. */
export function stepInviteClient(tx: InviteClient, input: Input): readonly Effect[] {
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

function start(tx: InviteClient): readonly Effect[] {
  if (tx.state !== 'calling') return NOTHING;
  const timerB = setTimer('B', giveUpMs(tx.options.timers));
  if (tx.options.reliable) return [timerB, send(tx.request)];
  return [setTimer('A', tx.intervalMs), timerB, send(tx.request)];
}

function receive(tx: InviteClient, status: number, message: SipMessage): readonly Effect[] {
  switch (tx.state) {
    case 'calling':
    case 'proceeding':
      return receiveUnanswered(tx, status, message);
    case 'completed':
      // RFC 3261 §17.1.1.2: each copy of the final response is acknowledged again.
      return status >= 300 && tx.ack !== '' ? [send(tx.ack)] : NOTHING;
    case 'accepted':
      // RFC 6026 §8.4: every 2xx, a copy or another branch's, belongs to the transaction user.
      return status >= 200 && status < 300 ? [deliver(message)] : NOTHING;
    case 'terminated':
      return NOTHING;
  }
}

function receiveUnanswered(tx: InviteClient, status: number, message: SipMessage): readonly Effect[] {
  const effects = stopCalling(tx);
  if (status < 200) {
    tx.state = 'proceeding';
    effects.push(deliver(message));
  } else if (status < 300) {
    tx.state = 'accepted';
    tx.request = '';
    effects.push(setTimer('M', giveUpMs(tx.options.timers)), deliver(message));
  } else {
    complete(tx, message, effects);
  }
  return effects;
}

function stopCalling(tx: InviteClient): Effect[] {
  if (tx.state !== 'calling') return [];
  return tx.options.reliable ? [clearTimer('B')] : [clearTimer('A'), clearTimer('B')];
}

function complete(tx: InviteClient, message: SipMessage, effects: Effect[]): void {
  const request = parseMessage(tx.request);
  tx.ack = request instanceof SipMessage ? buildAck(request, message) : '';
  tx.request = '';
  // RFC 3261 §17.1.1.2: Timer D is zero over a reliable transport.
  const { reliable, timers } = tx.options;
  tx.state = reliable ? 'terminated' : 'completed';
  if (!reliable) effects.push(setTimer('D', giveUpMs(timers)));
  effects.push(deliver(message));
  if (tx.ack !== '') effects.push(send(tx.ack));
  if (reliable) effects.push(FINISHED);
}

function fire(tx: InviteClient, timer: TimerName): readonly Effect[] {
  if (timer === 'A' && tx.state === 'calling') {
    tx.intervalMs *= 2;
    return [setTimer('A', tx.intervalMs), send(tx.request)];
  }
  if (timer === 'B' && tx.state === 'calling') {
    tx.state = 'terminated';
    return tx.options.reliable ? [TIMEOUT, FINISHED] : [clearTimer('A'), TIMEOUT, FINISHED];
  }
  if ((timer === 'D' && tx.state === 'completed') || (timer === 'M' && tx.state === 'accepted')) {
    tx.state = 'terminated';
    return [FINISHED];
  }
  return NOTHING;
}

function failTransport(tx: InviteClient): readonly Effect[] {
  if (tx.state === 'calling') {
    const effects = stopCalling(tx);
    tx.state = 'terminated';
    effects.push(TRANSPORT_FAILED, FINISHED);
    return effects;
  }
  if (tx.state === 'completed') {
    tx.state = 'terminated';
    return [clearTimer('D'), TRANSPORT_FAILED, FINISHED];
  }
  return NOTHING;
}
