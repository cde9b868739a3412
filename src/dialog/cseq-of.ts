import type { SipMessage } from '../sip/index.ts';

/** A message's CSeq number; 0, which no request may have, where it is missing (validation refuses those). */
export function cseqOf(message: SipMessage): number {
  return message.cseq ?? 0;
}
