import { buildResponse } from '../build.ts';
import type { SipMessage } from '../message.ts';
import { clearTimer, FINISHED, NOTHING, send, setTimer, TRANSPORT_FAILED, type Effect } from './effect.ts';
import type { Input } from './input.ts';
import { giveUpMs, tryingDueMs, type TimerName, type TransactionOptions } from './timers.ts';

/** A request other than INVITE and ACK that was received (RFC 3261 §17.2.2, RFC 4320). */
export interface NonInviteServer {
  readonly kind: 'non-invite-server';
  readonly options: TransactionOptions;
  state: 'trying' | 'proceeding' | 'completed' | 'terminated';
  /** What a 100 would answer; undefined once one was sent or cannot be due. */
  request: SipMessage | undefined;
  /** The response that answers a retransmitted request; '' if none does. */
  response: string;
  /** When a 100 is due and, over UDP, first allowed. */
  tryingAtMs: number;
}

/** A server transaction for `request`, which the transaction user holds already. */
export function createNonInviteServer(request: SipMessage, options: TransactionOptions): NonInviteServer {
  return { kind: 'non-invite-server', options, state: 'trying', request, response: '', tryingAtMs: Infinity };
}

/** Applies one input to a non-INVITE server transaction, in place. */
export function stepNonInviteServer(tx: NonInviteServer, input: Input, nowMs: number): readonly Effect[] {
  switch (input.type) {
    case 'start':
      return start(tx, nowMs);
    case 'request':
      return tx.response === '' ? NOTHING : [send(tx.response)];
    case 'respond':
      return respond(tx, input, nowMs);
    case 'timer':
      return fire(tx, input.timer);
    case 'transportError':
      // RFC 6026 §8.8: the transaction user is told, and the state stays.
      return tx.response === '' ? NOTHING : [TRANSPORT_FAILED];
    case 'response':
      return NOTHING;
  }
}

function start(tx: NonInviteServer, nowMs: number): readonly Effect[] {
  if (tx.state !== 'trying') return NOTHING;
  const delayMs = tryingDueMs(tx.options.timers);
  tx.tryingAtMs = nowMs + delayMs;
  return [setTimer('Trying', delayMs)];
}

function respond(
  tx: NonInviteServer,
  { status, text }: { status: number; text: string },
  nowMs: number,
): readonly Effect[] {
  if (tx.state !== 'trying' && tx.state !== 'proceeding') return NOTHING;
  if (status >= 200) return complete(tx, status, text);
  // RFC 4320 §4.1: no provisional response but 100, and that not early over an unreliable transport.
  const early = !tx.options.reliable && nowMs < tx.tryingAtMs;
  return status !== 100 || early ? NOTHING : proceed(tx, text);
}

function proceed(tx: NonInviteServer, text: string): readonly Effect[] {
  const effects = stopTrying(tx);
  tx.state = 'proceeding';
  tx.response = text;
  effects.push(send(text));
  return effects;
}

function complete(tx: NonInviteServer, status: number, text: string): readonly Effect[] {
  const effects = stopTrying(tx);
  // RFC 4320 §4.2: a 408 is never sent; the client has given up by its own Timer F.
  tx.response = status === 408 ? '' : text;
  // RFC 3261 §17.2.2: Timer J is zero over a reliable transport.
  const { reliable, timers } = tx.options;
  tx.state = reliable ? 'terminated' : 'completed';
  if (!reliable) effects.push(setTimer('J', giveUpMs(timers)));
  if (tx.response !== '') effects.push(send(text));
  if (reliable) {
    tx.response = '';
    effects.push(FINISHED);
  }
  return effects;
}

function stopTrying(tx: NonInviteServer): Effect[] {
  if (tx.request === undefined) return [];
  tx.request = undefined;
  return [clearTimer('Trying')];
}

function fire(tx: NonInviteServer, timer: TimerName): readonly Effect[] {
  if (timer === 'Trying' && tx.request !== undefined) return sendTrying(tx, tx.request);
  if (timer === 'J' && tx.state === 'completed') {
    tx.state = 'terminated';
    tx.response = '';
    return [FINISHED];
  }
  return NOTHING;
}

function sendTrying(tx: NonInviteServer, request: SipMessage): readonly Effect[] {
  tx.state = 'proceeding';
  tx.request = undefined;
  tx.response = buildResponse(request, 100);
  return [send(tx.response)];
}
