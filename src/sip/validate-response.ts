import { isGroupAddress } from './host.ts';
import { H } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { syntaxFault, type Fault } from './syntax.ts';
import { parseVia } from './via.ts';

/** Whether a response may be acted on; one that may not is dropped. */
export type ResponseVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What the receiver is. */
export interface ResponseRules {
  /** A user agent takes only responses whose one Via is its own (RFC 3261 §8.1.3.3); false when left out. */
  isUserAgent?: boolean;
}

const ACCEPTED: ResponseVerdict = { ok: true };

/** Says whether a response is to be dropped, and why. */
export function validateResponse(response: SipMessage, rules: ResponseRules = {}): ResponseVerdict {
  const reason = versionFault(response) ?? syntaxFault(response) ?? viaFault(response, rules);
  return reason === undefined ? ACCEPTED : { ok: false, reason };
}

function versionFault({ version }: SipMessage): Fault {
  return version.toUpperCase() === 'SIP/2.0' ? undefined : 'Version Not Supported';
}

function viaFault(response: SipMessage, { isUserAgent = false }: ResponseRules): Fault {
  const vias = response.list(H.Via);
  if (isUserAgent && vias.length > 1) return 'More Than One Via';
  const isToGroup = vias.some((via) => isGroupAddress(parseVia(via)?.host ?? ''));
  return isToGroup ? 'Via Names A Group Address' : undefined;
}
