import { buildRequest, H, type HeaderLine } from '../sip/index.ts';
import { contactOf, viaOf, type Hop } from './hop.ts';
import { withTag } from './name-addr-tag.ts';
import { otherLeg, type DialogRecord, type LegIndex } from './record.ts';
import { routedTarget } from './route-set.ts';
import { sessionExpiresOf } from './session-timer.ts';

/** A request of the pod's own within a leg. */
export interface LegRequest {
  method: 'INVITE' | 'UPDATE' | 'ACK' | 'BYE' | 'PRACK';
  hop: Hop;
  /** From `takeCSeq`; for an ACK that of its INVITE. */
  cseq: number;
  sdp?: string;
  extraHeaders?: readonly HeaderLine[];
}

const MAX_FORWARDS = '70';

/** The bytes of a request to this leg's endpoint, who must not notice that another pod speaks (RFC 3261 §12.2.1.1). */
export function buildLegRequest(record: DialogRecord, index: LegIndex, request: LegRequest): string {
  const leg = record.legs[index];
  const { method, hop, sdp } = request;
  const { requestUri, routes } = routedTarget(leg);
  const headers: HeaderLine[] = [
    [H.Via, viaOf(hop)],
    [H.MaxForwards, MAX_FORWARDS],
    ...routes.map((route): HeaderLine => [H.Route, route]),
    [H.From, withTag(leg.local, leg.localTag)],
    [H.To, withTag(leg.remote, leg.remoteTag)],
    [H.CallId, leg.callId],
    [H.CSeq, `${String(request.cseq)} ${method}`],
  ];
  if (method === 'INVITE' || method === 'UPDATE') headers.push(...refreshHeaders(record, index, hop));
  if (request.extraHeaders !== undefined) headers.push(...request.extraHeaders);
  const parts = { method, uri: requestUri, headers };
  if (sdp === undefined || sdp === '') return buildRequest(parts);
  return buildRequest({ ...parts, body: { type: 'application/sdp', text: sdp } });
}

/** What a target refresh says besides: Contact, and the far endpoint's abilities and identity as this one knows them. */
function refreshHeaders(record: DialogRecord, index: LegIndex, hop: Hop): HeaderLine[] {
  const far = record.legs[otherLeg(index)];
  const headers: HeaderLine[] = [[H.Contact, contactOf(record, index, hop)]];
  if (far.allow !== '') headers.push([H.Allow, far.allow]);
  if (far.supported !== '') headers.push([H.Supported, far.supported]);
  const sessionExpires = sessionExpiresOf(record.legs[index]);
  if (sessionExpires !== undefined) headers.push([H.SessionExpires, sessionExpires]);
  if (far.assertedIdentity !== '') headers.push([H.PAssertedIdentity, far.assertedIdentity]);
  return headers;
}
