import type { HeaderLine, SipMessage } from '../sip/index.ts';
import type { PhoneCall } from './phone-call.ts';

/** A response before the final one. */
export interface ProvisionalAnswer {
  status: number;
  /** Sent with Require: 100rel and repeated until its PRACK (RFC 3262). */
  reliable?: boolean;
  /** Whether it carries the session description. */
  sdp?: boolean;
}

/** How a phone answers one request. */
export interface PhoneAnswer {
  status: number;
  headers?: readonly HeaderLine[];
  /** The description that a 2xx carries, where it differs from the phone's own. */
  sdp?: string;
  /** How long to wait before the final response, in ms; none by default. */
  delayMs?: number;
  provisional?: readonly ProvisionalAnswer[];
}

/** Decides how to answer a request; undefined leaves it to the phone, `silence` answers never. */
export type AnswerRule = (request: SipMessage, call: PhoneCall) => PhoneAnswer | 'silence' | undefined;

/** What a phone understands, for its Allow. */
export const PHONE_ALLOW = 'INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE, OPTIONS';

const PLAIN: ReadonlyMap<string, number> = new Map([
  ['OPTIONS', 200],
  ['INFO', 200],
  ['MESSAGE', 200],
  ['NOTIFY', 200],
  ['REFER', 202],
  ['BYE', 200],
  ['UPDATE', 200],
  ['PRACK', 200],
]);

/** The phone's own answer: it rings and picks up, and takes whatever else a dialog can carry. */
export function usualAnswer(request: SipMessage, call: PhoneCall): PhoneAnswer {
  if (request.method !== 'INVITE') return { status: PLAIN.get(request.method) ?? 405 };
  return { status: 200, provisional: call.state === 'calling' ? [{ status: 180 }] : [] };
}
