import type { LegIndex } from '../../dialog/record.ts';
import { SkippedCSeqs } from '../../dialog/skipped-cseqs.ts';
import type { SipMessage } from '../../sip/index.ts';
import type { Call } from './call.ts';

/** Their order is that of offers (RFC 3264 §4), so none of them is carried out late. */
const ORDERED: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);

/** Whether a request with a low CSeq is only late: a later one reached the new owner while this one was held at the old one. */
export function isOvertaken(call: Call, from: LegIndex, { method, cseq }: SipMessage): boolean {
  return !ORDERED.has(method) && call.skipped?.[from].take(cseq) === true;
}

/** Notes which numbers a request passes over. */
export function noteOvertaken(call: Call, from: LegIndex, { method, cseq }: SipMessage): void {
  const last = call.record.legs[from].remoteCSeq;
  if (method === 'ACK' || method === 'CANCEL' || cseq <= last + 1) return;
  call.skipped ??= [new SkippedCSeqs(), new SkippedCSeqs()];
  call.skipped[from].note(last, cseq);
}
