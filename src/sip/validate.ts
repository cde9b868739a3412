import { H, type HeaderLine } from './header-names.ts';
import type { SipMessage } from './message.ts';

/** Whether a request may be acted on, and the answer if not. */
export type Verdict =
  { ok: true } | { ok: false; status: number; reason: string; headers: readonly HeaderLine[] };

const OK: Verdict = { ok: true };

/** Names the status code of a malformed request. */
export function validateRequest(request: SipMessage): Verdict {
  if (request.version !== 'SIP/2.0') return refuse(505, 'Version Not Supported');
  if (!request.via || request.callId === '' || request.from === '' || request.to === '')
    return refuse(400, 'Bad Request');
  if (Number.isNaN(request.cseq) || request.cseqMethod !== request.method) return refuse(400, 'Bad CSeq');
  if (request.get(H.MaxForwards) === '0') return refuse(483, 'Too Many Hops');
  return OK;
}

function refuse(status: number, reason: string): Verdict {
  return { ok: false, status, reason, headers: [] };
}
