import { applyRequest, applyResponse, type Applied } from '../../../src/dialog/apply.ts';
import { confirmCallee, noteEarlyDialog, type EarlyDialogs } from '../../../src/dialog/early-dialogs.ts';
import { forwardInvite, forwardRequest, type ForwardedRequest } from '../../../src/dialog/forward-request.ts';
import { forwardResponse } from '../../../src/dialog/forward-response.ts';
import { otherLeg, type DialogRecord, type LegIndex } from '../../../src/dialog/record.ts';
import type { SipMessage } from '../../../src/sip/index.ts';
import {
  CALLER_VIAS,
  callersInvite,
  calleesOk,
  callersRequest,
  parsed,
  ringingCall,
  TO_CALLEE,
  TO_CALLER,
} from './call-flow.ts';

/** A call seen from the pod, without transactions: each step forwards a message and applies it. */
export class Conversation {
  readonly record: DialogRecord;
  readonly dialogs: EarlyDialogs = [];
  nowMs = 1_000;
  applied: Applied = { changed: false, completesOfferAnswer: false, ends: false };
  readonly #requests = new Map<string, SipMessage>();

  constructor(record: DialogRecord = ringingCall()) {
    this.record = record;
  }

  /** The request as the other endpoint gets it. */
  request(from: LegIndex, request: SipMessage): SipMessage {
    return parsed(this.forward(from, request).text);
  }

  forward(from: LegIndex, request: SipMessage): ForwardedRequest {
    const hop = from === 0 ? TO_CALLEE : TO_CALLER;
    const initial = request.method === 'INVITE' && !request.toTag;
    const forwarded = initial
      ? forwardInvite(this.record, request, hop)
      : forwardRequest(this.record, from, request, hop);
    const { cseqOut, branch } = forwarded;
    const vias = from === 0 ? CALLER_VIAS : ['SIP/2.0/TCP 192.0.2.20:5070;branch=z9hG4bKbob'];
    const { peer } = this.record.legs[from];
    this.applied = applyRequest(this.record, from, request, { cseqOut, branch, vias, peer });
    if (request.method !== 'ACK') {
      this.#requests.set(`${String(otherLeg(from))} ${String(cseqOut)} ${request.method}`, request);
    }
    return forwarded;
  }

  /** The response as the other endpoint gets it; its CSeq names the request that the pod sent. */
  response(from: LegIndex, response: SipMessage): SipMessage {
    const request = this.#requests.get(`${String(from)} ${String(response.cseq)} ${response.method}`);
    if (request === undefined) throw new Error(`no request for ${response.text}`);
    if (from === 1) {
      if (response.status < 200) noteEarlyDialog(this.dialogs, this.record, response);
      else if (response.status < 300 && !request.toTag) confirmCallee(this.dialogs, this.record, response);
    }
    const exchange = {
      response,
      request,
      vias: from === 1 ? CALLER_VIAS : ['SIP/2.0/TCP b;branch=z9hG4bKb'],
    };
    const text = forwardResponse(this.record, from, exchange, from === 1 ? TO_CALLER : TO_CALLEE);
    this.applied = applyResponse(this.record, from, exchange, { text, nowMs: this.nowMs });
    return parsed(text);
  }
}

/** A conversation after INVITE, 200 and ACK. */
export function answeredCall(): Conversation {
  const call = new Conversation();
  call.request(0, callersInvite());
  call.response(1, calleesOk());
  call.request(0, callersRequest('ACK', 102));
  return call;
}
