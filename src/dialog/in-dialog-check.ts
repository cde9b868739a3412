import type { SipMessage } from '../sip/index.ts';
import type { DialogRecord, Leg, LegIndex } from './record.ts';

/** Why a request of a dialog is refused. */
export interface Refusal {
  status: number;
  reason: string;
}

/**
 * The leg whose endpoint sent a request, by Call-ID and tags (RFC 3261 §12.2.2), never by its source; undefined if it
 * is not of this dialog. In a ringing call the caller may name any early dialog.
 */
export function legOfRequest(record: DialogRecord, request: SipMessage): LegIndex | undefined {
  const [caller, callee] = record.legs;
  const ringing = record.state === 'early';
  if (isFrom(caller, request) && (ringing || request.toTag === caller.localTag)) return 0;
  if (request.callId === callee.callId && request.toTag === callee.localTag) {
    if (ringing || request.fromTag === callee.remoteTag) return 1;
  }
  return undefined;
}

/** How a request's CSeq stands to what its endpoint has used: `repeat` may be answered again, never carried out again. */
export function cseqOrder(leg: Leg, request: SipMessage): 'new' | 'repeat' | 'lower' {
  const { cseq } = request;
  if (cseq > leg.remoteCSeq) return 'new';
  return cseq === leg.remoteCSeq ? 'repeat' : 'lower';
}

/** RFC 3261 §12.2.2: a lower CSeq than before is refused; ACK and CANCEL repeat their INVITE's. */
export function refusalOf(leg: Leg, request: SipMessage): Refusal | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined;
  return cseqOrder(leg, request) === 'lower' ? { status: 500, reason: 'CSeq Out Of Order' } : undefined;
}

function isFrom(leg: Leg, request: SipMessage): boolean {
  return request.callId === leg.callId && request.fromTag === leg.remoteTag;
}
