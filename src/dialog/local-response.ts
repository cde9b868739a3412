import { H, headerName, MessageEdit, parseMessage, SipMessage, type HeaderLine } from '../sip/index.ts';
import { contactOf, type LegHop } from './hop.ts';
import { withTag } from './name-addr-tag.ts';
import type { DialogRecord, OpenRequest } from './record.ts';

/** A final response of the pod's own to an endpoint's request that a dead owner left open. */
export interface LegResponse {
  status: number;
  reason: string;
  extraHeaders?: readonly HeaderLine[];
}

/** Answers an open request along its stored Via values. */
export function buildLegResponse(record: DialogRecord, open: OpenRequest, response: LegResponse): string {
  const leg = record.legs[open.from];
  const headers: HeaderLine[] = [
    ...open.vias.map((via): HeaderLine => [H.Via, via]),
    [H.From, withTag(leg.remote, leg.remoteTag)],
    [H.To, withTag(leg.local, leg.localTag)],
    [H.CallId, leg.callId],
    [H.CSeq, `${String(open.cseqIn)} ${open.method}`],
    ...(response.extraHeaders ?? []),
    [H.ContentLength, '0'],
  ];
  const lines = headers.map(
    ([name, value]) => `${typeof name === 'string' ? name : headerName(name)}: ${value}\r\n`,
  );
  return `SIP/2.0 ${String(response.status)} ${response.reason}\r\n${lines.join('')}\r\n`;
}

/** An open INVITE's 2xx as the dead owner sent it, with this pod's Contact; undefined if there was none. */
export function repeatAnswer(record: DialogRecord, open: OpenRequest, hop: LegHop): string | undefined {
  const answer = parseMessage(open.answer);
  if (!(answer instanceof SipMessage)) return undefined;
  const edit = new MessageEdit(answer);
  edit.setAll(H.Contact, [contactOf(record, open.from, hop)]);
  return edit.toString();
}
