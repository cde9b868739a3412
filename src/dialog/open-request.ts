import { flat, H, type SipMessage } from '../sip/index.ts';
import type { DialogRecord, LegIndex, OpenRequest, PeerAddress } from './record.ts';
import { sdpOf } from './sdp-body.ts';

/** How an endpoint's INVITE or UPDATE was sent on, and how it is answered. */
export interface SentOn {
  cseqOut: number;
  branch: string;
  /** The sender's Via values, top first, with received and rport filled in. */
  vias: readonly string[];
  peer: PeerAddress;
}

/** The open request of this leg's endpoint with this CSeq number. */
export function findOpen(
  record: DialogRecord,
  from: LegIndex,
  method: OpenRequest['method'],
  cseqIn: number,
): OpenRequest | undefined {
  return record.open.find((open) => open.from === from && open.cseqIn === cseqIn && open.method === method);
}

/** Whether an offer of either endpoint is unanswered, or a 2xx without its ACK (RFC 3261 §14.1). */
export function isBusy(record: DialogRecord): boolean {
  return record.open.some((open) => !open.acked);
}

/** Opens an INVITE or UPDATE; an acknowledged INVITE of the same endpoint has done its service then. */
export function openRequest(record: DialogRecord, from: LegIndex, request: SipMessage, sent: SentOn): void {
  const method = request.method === 'UPDATE' ? 'UPDATE' : 'INVITE';
  const offer = flat(sdpOf(request));
  record.open = record.open.filter((open) => !(open.from === from && open.acked));
  record.open.push({
    method,
    from,
    cseqIn: request.cseq,
    cseqOut: sent.cseqOut,
    branchOut: flat(sent.branch),
    vias: sent.vias.map(flat),
    recordRoutes: request.list(H.RecordRoute).map(flat),
    peer: { ...sent.peer },
    offer,
    lateOffer: method === 'INVITE' && offer === '',
    settled: false,
    answer: '',
    acked: false,
  });
}

/** Strips an acknowledged INVITE to what its repeats need. */
export function acknowledge(open: OpenRequest): void {
  open.acked = true;
  open.settled = true;
  open.vias = [];
  open.recordRoutes = [];
  open.offer = '';
  open.answer = '';
}

/** Forgets a finished request. */
export function closeRequest(record: DialogRecord, open: OpenRequest): void {
  record.open = record.open.filter((other) => other !== open);
}
