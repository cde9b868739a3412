import { H, MessageEdit, type SipMessage } from '../sip/index.ts';
import { contactOf, type LegHop } from './hop.ts';
import { withTag } from './name-addr-tag.ts';
import { otherLeg, type DialogRecord, type LegIndex } from './record.ts';

/** A response with the request that it answers, as the other leg's endpoint sent it. */
export interface Exchange {
  response: SipMessage;
  request: SipMessage;
  /** The request's Via values, top first, with received and rport filled in. */
  vias: readonly string[];
}

const TARGET_REFRESH = new Set(['INVITE', 'UPDATE']);

/**
 * An endpoint's response as the sender of the request gets it; `from` is the leg that answered. The record must be
 * on the response's early dialog. Contacts of a 3xx or 485 pass: they name other user agents, nothing of this pod's.
 */
export function forwardResponse(
  record: DialogRecord,
  from: LegIndex,
  exchange: Exchange,
  hop: LegHop,
): string {
  const { response, request } = exchange;
  const to = otherLeg(from);
  const edit = new MessageEdit(response);
  edit.setAll(H.Via, exchange.vias);
  edit.set(H.From, request.from);
  edit.set(H.To, request.toTag ? request.to : withTag(request.to, shownTag(record, to, response)));
  if (response.callId !== request.callId) edit.set(H.CallId, request.callId);
  if (response.cseq !== request.cseq) edit.set(H.CSeq, `${String(request.cseq)} ${request.method}`);
  // RFC 3261 §12.1.1: a response that makes a dialog repeats the request's Record-Route.
  edit.setAll(H.RecordRoute, makesDialog(exchange) ? request.list(H.RecordRoute) : []);
  if (showsPod(response)) edit.setAll(H.Contact, [contactOf(record, to, hop)]);
  return edit.toString();
}

function shownTag(record: DialogRecord, to: LegIndex, response: SipMessage): string {
  if (!response.toTag) return '';
  if (response.status < 300) return record.legs[to].localTag;
  const masked = record.legs[0].callId !== record.legs[1].callId;
  return masked ? `${record.legs[1].localTag}.0` : response.toTag;
}

function makesDialog({ response, request }: Exchange): boolean {
  return request.method === 'INVITE' && response.status > 100 && response.status < 300;
}

function showsPod(response: SipMessage): boolean {
  const { status } = response;
  if ((status >= 300 && status < 400) || status === 485) return false;
  const refreshes = status >= 200 && status < 300 && TARGET_REFRESH.has(response.method);
  return refreshes || response.get(H.Contact) !== undefined;
}
