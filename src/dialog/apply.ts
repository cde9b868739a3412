import { flat, H, type SipMessage } from '../sip/index.ts';
import { contactUri } from './contact-uri.ts';
import type { Exchange } from './forward-response.ts';
import { acknowledge, closeRequest, findOpen, openRequest, type SentOn } from './open-request.ts';
import { noteCapabilities } from './peer-capabilities.ts';
import { otherLeg, type DialogRecord, type Home, type LegIndex, type OpenRequest } from './record.ts';
import { sdpOf } from './sdp-body.ts';
import { noteSessionTimer } from './session-timer.ts';

/** What a message did to a record. */
export interface Applied {
  /** The record's version grew: it has to travel. */
  changed: boolean;
  /** Completes an offer/answer: leaves only when a standby has the record (promise 2). */
  completesOfferAnswer: boolean;
  /** The call is over. */
  ends: boolean;
}

/** How a request was sent on, and what its arrival shows. */
export interface RequestContext extends SentOn {
  /** Given when the request proves that this endpoint sends to this pod. */
  home?: Home;
}

const NOTHING: Applied = { changed: false, completesOfferAnswer: false, ends: false };

/** Applies a request of this leg's endpoint, once it has been made into the other leg's by `forwardRequest`. */
export function applyRequest(
  record: DialogRecord,
  from: LegIndex,
  request: SipMessage,
  context: RequestContext,
): Applied {
  const { method } = request;
  if (method === 'CANCEL') return NOTHING;
  noteFlow(record, from, context);
  if (method === 'ACK') return applyAck(record, from, request);
  record.legs[from].remoteCSeq = Math.max(record.legs[from].remoteCSeq, request.cseq);
  if (method === 'INVITE' || method === 'UPDATE') {
    noteCapabilities(record.legs[from], request);
    openRequest(record, from, request, context);
  }
  const completesOfferAnswer = method === 'PRACK' && answersLateOffer(record, from, request);
  return changed(record, { completesOfferAnswer });
}

/** Applies the ACK of a 2xx: it may carry the answer, and finishes the INVITE. */
export function applyAck(record: DialogRecord, from: LegIndex, ack: SipMessage): Applied {
  const open = findOpen(record, from, 'INVITE', ack.cseq);
  if (open === undefined || open.acked || open.answer === '') return NOTHING;
  const completesOfferAnswer = answerLateOffer(record, open, sdpOf(ack));
  acknowledge(open);
  return changed(record, { completesOfferAnswer });
}

/**
 * Applies an endpoint's response, once it has been made into the other leg's by `forwardResponse`: `text`, the bytes
 * as they will leave. `from` is the leg that answered.
 */
export function applyResponse(
  record: DialogRecord,
  from: LegIndex,
  exchange: Exchange,
  sent: { text: string; nowMs: number },
): Applied {
  const { response, request } = exchange;
  switch (request.method) {
    case 'INVITE':
      return applyInviteResponse(record, from, exchange, sent);
    case 'UPDATE':
      return applyUpdateResponse(record, from, exchange, sent.nowMs);
    case 'PRACK':
      return applyPrackResponse(record, from, exchange);
    case 'BYE':
      return endsCall(response.status) ? endCall(record) : NOTHING;
    default:
      return NOTHING;
  }
}

/** Applies that this leg's request will get no response of the other endpoint: its offer is no more (RFC 3261 §14.1). */
export function applyNoResponse(record: DialogRecord, from: LegIndex, request: SipMessage): Applied {
  const method = request.method === 'UPDATE' ? 'UPDATE' : 'INVITE';
  const open = request.method === method ? findOpen(record, from, method, request.cseq) : undefined;
  if (open?.answer !== '' || open.acked) return NOTHING;
  closeRequest(record, open);
  return changed(record, {});
}

/** Marks the call as over. */
export function endCall(record: DialogRecord): Applied {
  record.state = 'ended';
  record.open = [];
  return changed(record, { ends: true });
}

/** RFC 3261 §15.1.1: any final response ends the call, but a challenged BYE comes again. */
function endsCall(status: number): boolean {
  return status >= 200 && status !== 401 && status !== 407;
}

function applyInviteResponse(
  record: DialogRecord,
  from: LegIndex,
  exchange: Exchange,
  sent: { text: string; nowMs: number },
): Applied {
  const { response, request } = exchange;
  const open = findOpen(record, otherLeg(from), 'INVITE', request.cseq);
  if (open === undefined) return NOTHING;
  if (response.status < 200) return applyProvisional(record, from, open, response);
  if (response.status >= 300) return applyFailure(record, open, response.status);
  if (open.answer !== '' || open.acked) return NOTHING;
  if (record.state === 'early') {
    record.state = 'confirmed';
    record.answeredMs = sent.nowMs;
  }
  takeDescription(record, open, sdpOf(response));
  open.answer = flat(sent.text);
  refreshTargets(record, from, exchange);
  noteSessionTimer(record, open.from, response, sent.nowMs);
  return changed(record, { completesOfferAnswer: true });
}

/** RFC 3262 §5: a reliable provisional response may carry the answer or the offer; RFC 6141 §4: it refreshes the target. */
function applyProvisional(
  record: DialogRecord,
  from: LegIndex,
  open: OpenRequest,
  response: SipMessage,
): Applied {
  if (response.get(H.RSeq) === undefined) return NOTHING;
  const before = open.settled;
  const offered = open.offer;
  takeDescription(record, open, sdpOf(response));
  if (record.state === 'confirmed')
    record.legs[from].remoteTarget = contactUri(response) ?? record.legs[from].remoteTarget;
  const completesOfferAnswer = open.settled && !before;
  return completesOfferAnswer || open.offer !== offered ? changed(record, { completesOfferAnswer }) : NOTHING;
}

/** The description in a response to an INVITE is the answer, or in a late offer the offer; nothing once both are known. */
function takeDescription(record: DialogRecord, open: OpenRequest, sdp: string): void {
  if (sdp === '' || open.settled) return;
  if (open.lateOffer) {
    open.offer = flat(sdp);
    return;
  }
  commit(record, open.from, open.offer, flat(sdp));
  open.settled = true;
  open.offer = '';
}

function answersLateOffer(record: DialogRecord, from: LegIndex, prack: SipMessage): boolean {
  const sdp = sdpOf(prack);
  const open = record.open.find((other) => other.from === from && other.lateOffer && !other.settled);
  return open !== undefined && answerLateOffer(record, open, sdp);
}

function answerLateOffer(record: DialogRecord, open: OpenRequest, sdp: string): boolean {
  if (!open.lateOffer || open.settled || open.offer === '' || sdp === '') return false;
  commit(record, otherLeg(open.from), open.offer, flat(sdp));
  open.settled = true;
  open.offer = '';
  return true;
}

function applyFailure(record: DialogRecord, open: OpenRequest, status: number): Applied {
  closeRequest(record, open);
  // RFC 3261 §12.2.1.2: 481 says that the dialog is gone. A 408 may be this side's own and decides nothing.
  if (record.state === 'early' || status === 481) return endCall(record);
  return changed(record, {});
}

function applyUpdateResponse(
  record: DialogRecord,
  from: LegIndex,
  exchange: Exchange,
  nowMs: number,
): Applied {
  const { response, request } = exchange;
  const open = findOpen(record, otherLeg(from), 'UPDATE', request.cseq);
  if (open === undefined || response.status < 200) return NOTHING;
  closeRequest(record, open);
  if (response.status >= 300) {
    return response.status === 481 && record.state === 'confirmed' ? endCall(record) : changed(record, {});
  }
  commitExchange(record, from, exchange);
  refreshTargets(record, from, exchange);
  noteSessionTimer(record, open.from, response, nowMs);
  return changed(record, { completesOfferAnswer: true });
}

/** RFC 3262 §5: a PRACK may make an offer of its own, which its 2xx answers. */
function applyPrackResponse(record: DialogRecord, from: LegIndex, exchange: Exchange): Applied {
  const { status } = exchange.response;
  if (status < 200 || status >= 300 || !commitExchange(record, from, exchange)) return NOTHING;
  return changed(record, { completesOfferAnswer: true });
}

function commitExchange(record: DialogRecord, from: LegIndex, { response, request }: Exchange): boolean {
  const offer = sdpOf(request);
  const answer = sdpOf(response);
  if (offer === '' || answer === '') return false;
  commit(record, otherLeg(from), flat(offer), flat(answer));
  return true;
}

/** Both legs' agreed descriptions; the pod passes them as they are. */
function commit(record: DialogRecord, offerer: LegIndex, offer: string, answer: string): void {
  const near = record.legs[offerer];
  const far = record.legs[otherLeg(offerer)];
  near.sdpReceived = offer;
  near.sdpSent = answer;
  far.sdpSent = offer;
  far.sdpReceived = answer;
}

/** RFC 3261 §12.2: a 2xx to a target refresh request moves both ends' targets; before it nothing moves. */
function refreshTargets(record: DialogRecord, from: LegIndex, { response, request }: Exchange): void {
  const answerer = record.legs[from];
  const sender = record.legs[otherLeg(from)];
  answerer.remoteTarget = contactUri(response) ?? answerer.remoteTarget;
  sender.remoteTarget = contactUri(request) ?? sender.remoteTarget;
  noteCapabilities(answerer, response);
}

function noteFlow(record: DialogRecord, from: LegIndex, { peer, home }: RequestContext): void {
  const leg = record.legs[from];
  if (leg.peer.address !== peer.address || leg.peer.port !== peer.port) leg.peer = { ...peer };
  if (home !== undefined) leg.home = { ...home };
}

function changed(record: DialogRecord, what: Partial<Applied>): Applied {
  record.version++;
  return { ...NOTHING, changed: true, ...what };
}
