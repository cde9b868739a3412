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

/** An INVITE that was received (RFC 3261 §17.2.1, RFC 6026 §7.1); the 100 is sent by the transaction user. */
export interface InviteServer {
  readonly kind: 'invite-server';
  readonly options: TransactionOptions;
  state: 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';
  /** The response that answers a retransmitted INVITE; '' if none does. */
  response: string;
  /** The running interval of Timer G in ms. */
  intervalMs: number;
}

/** A server transaction for an INVITE that the transaction user holds already. */
export function createInviteServer(options: TransactionOptions): InviteServer {
  return { kind: 'invite-server', options, state: 'proceeding', response: '', intervalMs: options.timers.t1 };
}

/** Applies one input to an INVITE server transaction, in place. */
export function stepInviteServer(tx: InviteServer, input: Input): readonly Effect[] {
  switch (input.type) {
    case 'request':
      return input.message.method === 'ACK' ? receiveAck(tx, input.message) : receiveCopy(tx);
    case 'respond':
      return respond(tx, input.status, input.text);
    case 'timer':
      return fire(tx, input.timer);
    case 'transportError':
      return failTransport(tx);
    case 'start':
    case 'response':
      return NOTHING;
  }
}

function receiveCopy(tx: InviteServer): readonly Effect[] {
  // RFC 6026 §8.5: in Accepted a copy of the INVITE is absorbed; the 2xx is sent again by the transaction user alone.
  const answers = tx.state === 'proceeding' || tx.state === 'completed';
  return answers && tx.response !== '' ? [send(tx.response)] : NOTHING;
}

function receiveAck(tx: InviteServer, message: SipMessage): readonly Effect[] {
  // RFC 6026 §8.5: an ACK that matches an accepted INVITE is the transaction user's.
  if (tx.state === 'accepted') return [deliver(message)];
  if (tx.state !== 'completed') return NOTHING;
  const effects = stopCompleted(tx);
  tx.response = '';
  const delayMs = absorbMs(tx.options);
  if (delayMs === 0) {
    tx.state = 'terminated';
    effects.push(FINISHED);
  } else {
    tx.state = 'confirmed';
    effects.push(setTimer('I', delayMs));
  }
  return effects;
}

function respond(tx: InviteServer, status: number, text: string): readonly Effect[] {
  if (tx.state === 'accepted') return status >= 200 && status < 300 ? [send(text)] : NOTHING;
  if (tx.state !== 'proceeding') return NOTHING;
  if (status < 200) {
    tx.response = text;
    return [send(text)];
  }
  if (status < 300) {
    tx.state = 'accepted';
    tx.response = '';
    return [setTimer('L', giveUpMs(tx.options.timers)), send(text)];
  }
  tx.state = 'completed';
  tx.response = text;
  const timerH = setTimer('H', giveUpMs(tx.options.timers));
  return tx.options.reliable ? [timerH, send(text)] : [setTimer('G', tx.intervalMs), timerH, send(text)];
}

function stopCompleted(tx: InviteServer): Effect[] {
  return tx.options.reliable ? [clearTimer('H')] : [clearTimer('G'), clearTimer('H')];
}

function fire(tx: InviteServer, timer: TimerName): readonly Effect[] {
  if (timer === 'G' && tx.state === 'completed') {
    tx.intervalMs = backOff(tx.intervalMs, tx.options.timers);
    return [setTimer('G', tx.intervalMs), send(tx.response)];
  }
  if (timer === 'H' && tx.state === 'completed') {
    tx.state = 'terminated';
    return tx.options.reliable ? [TIMEOUT, FINISHED] : [clearTimer('G'), TIMEOUT, FINISHED];
  }
  if ((timer === 'I' && tx.state === 'confirmed') || (timer === 'L' && tx.state === 'accepted')) {
    tx.state = 'terminated';
    return [FINISHED];
  }
  return NOTHING;
}

function failTransport(tx: InviteServer): readonly Effect[] {
  // RFC 6026 §8.8: the transaction user is told, and the state stays, so that copies of the INVITE are still known.
  const sends = tx.state === 'proceeding' || tx.state === 'completed' || tx.state === 'accepted';
  return sends ? [TRANSPORT_FAILED] : NOTHING;
}
