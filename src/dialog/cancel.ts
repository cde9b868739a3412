import { buildRequest, H, type HeaderLine, type SipMessage } from '../sip/index.ts';

/** The CANCEL of an INVITE as the pod sent it (RFC 3261 §9.1), with the Reason of the one that asked for it (RFC 3326). */
export function buildCancel(invite: SipMessage, reasons: readonly string[]): string {
  const headers: HeaderLine[] = [
    [H.Via, invite.list(H.Via)[0] ?? ''],
    [H.MaxForwards, '70'],
    ...invite.list(H.Route).map((route): HeaderLine => [H.Route, route]),
    [H.From, invite.from],
    [H.To, invite.to],
    [H.CallId, invite.callId],
    [H.CSeq, `${String(invite.cseq)} CANCEL`],
    ...reasons.map((reason): HeaderLine => [H.Reason, reason]),
  ];
  return buildRequest({ method: 'CANCEL', uri: invite.requestUri, headers });
}
