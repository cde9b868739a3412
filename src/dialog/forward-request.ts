import { H, MessageEdit, type HeaderId, type SipMessage } from '../sip/index.ts';
import { initialCSeq, takeCSeq } from './epoch-cseq.ts';
import { contactOf, viaOf, type Hop } from './hop.ts';
import { withTag } from './name-addr-tag.ts';
import { findOpen } from './open-request.ts';
import { otherLeg, type DialogRecord, type LegIndex } from './record.ts';
import { routedTarget } from './route-set.ts';

/** A request as the pod sends it on. */
export interface ForwardedRequest {
  text: string;
  /** Its CSeq number on the leg that it goes out on. */
  cseqOut: number;
  branch: string;
}

const MAX_FORWARDS = 70;

/** The initial INVITE as the callee gets it, at the callee leg's target; aimed again, it keeps its CSeq. */
export function forwardInvite(record: DialogRecord, invite: SipMessage, hop: Hop): ForwardedRequest {
  const callee = record.legs[1];
  if (callee.localCSeq === 0) {
    callee.localCSeq = initialCSeq(invite.cseq);
    callee.localCSeqEpoch = record.epoch;
  }
  return forward(record, { from: 0, request: invite, cseqOut: callee.localCSeq }, hop);
}

/**
 * A request within the dialog as the other leg's endpoint gets it, with that leg's next CSeq; an ACK has that of its
 * INVITE. In a ringing call the record must be on the request's early dialog. For CANCEL see `buildCancel`.
 */
export function forwardRequest(
  record: DialogRecord,
  from: LegIndex,
  request: SipMessage,
  hop: Hop,
): ForwardedRequest {
  const leg = record.legs[otherLeg(from)];
  const cseqOut =
    request.method === 'ACK'
      ? (findOpen(record, from, 'INVITE', request.cseq)?.cseqOut ?? leg.localCSeq)
      : takeCSeq(leg, record.epoch);
  return forward(record, { from, request, cseqOut }, hop);
}

interface Numbered {
  from: LegIndex;
  request: SipMessage;
  cseqOut: number;
}

function forward(record: DialogRecord, numbered: Numbered, hop: Hop): ForwardedRequest {
  const { from, request, cseqOut } = numbered;
  const to = otherLeg(from);
  const leg = record.legs[to];
  const { requestUri, routes } = routedTarget(leg);
  const edit = new MessageEdit(request);
  edit.requestLine(request.method, requestUri);
  edit.setAll(H.Via, [viaOf(hop)]);
  edit.set(H.MaxForwards, String(nextMaxForwards(request)));
  edit.remove(H.RecordRoute);
  edit.remove(H.ProxyRequire);
  edit.setAll(H.Route, routes);
  setIfOther(edit, H.From, withTag(leg.local, leg.localTag), request.from);
  setIfOther(edit, H.To, withTag(leg.remote, leg.remoteTag), request.to);
  setIfOther(edit, H.CallId, leg.callId, request.callId);
  if (cseqOut !== request.cseq) edit.set(H.CSeq, `${String(cseqOut)} ${request.method}`);
  // RFC 3261 §8.1.1.8: an INVITE has a Contact, even if this one came without (RFC 2543).
  if (request.get(H.Contact) !== undefined || request.method === 'INVITE')
    edit.setAll(H.Contact, [contactOf(record, to, hop)]);
  if (request.method === 'PRACK') mapRAck(record, numbered, edit);
  return { text: edit.toString(), cseqOut, branch: hop.branch };
}

/** What is the same on both legs leaves byte for byte as it came. */
function setIfOther(edit: MessageEdit, header: HeaderId, value: string, given: string): void {
  if (value !== given) edit.set(header, value);
}

/** RFC 3261 §16.6 item 3. */
function nextMaxForwards(request: SipMessage): number {
  const value = request.get(H.MaxForwards);
  return value !== undefined && /^\d+$/.test(value) ? Math.max(0, Number(value) - 1) : MAX_FORWARDS;
}

/** RFC 3262 §7.2: RAck names the CSeq of the INVITE, which each leg counts for itself. */
function mapRAck(record: DialogRecord, { from, request }: Numbered, edit: MessageEdit): void {
  const [rseq, cseq, method] = (request.get(H.RAck) ?? '').split(/\s+/);
  const invite = findOpen(record, from, 'INVITE', Number(cseq));
  if (rseq === undefined || method === undefined || invite === undefined) return;
  edit.set(H.RAck, `${rseq} ${String(invite.cseqOut)} ${method}`);
}
