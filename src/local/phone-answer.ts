import type { SipMessage } from '../sip/index.ts';
import type { CallState, PhoneAnswer } from './phone-line.ts';

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
export function usualAnswer(request: SipMessage, call: { readonly state: CallState }): PhoneAnswer {
  if (request.method !== 'INVITE') return { status: PLAIN.get(request.method) ?? 405 };
  return { status: 200, provisional: call.state === 'calling' ? [{ status: 180 }] : [] };
}
