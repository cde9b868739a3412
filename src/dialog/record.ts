/** 0: the caller's leg, 1: the callee's. */
export type LegIndex = 0 | 1;

/** The leg at the other side of the pod. */
export function otherLeg(leg: LegIndex): LegIndex {
  return leg === 0 ? 1 : 0;
}

export type Transport = 'UDP' | 'TCP';

/** The far end of a leg's flow as this pod sees it: literal address and port. */
export interface PeerAddress {
  address: string;
  port: number;
}

/** Session timer of one leg (RFC 4028); `refresher` is seen from the pod. */
export interface SessionTimer {
  intervalSeconds: number;
  refresher: 'pod' | 'endpoint';
  refreshedAtMs: number;
}

/** The pod and epoch to which an endpoint was last proven to send. */
export interface Home {
  pod: string;
  epoch: number;
}

/** What is known of a leg whose home is not the owner. */
export interface Standing {
  state: 'settled' | 'refused' | 'unreached';
  /** Status code of the last refusal, 0 if none. */
  status: number;
  sinceMs: number;
  attempts: number;
}

/** One side of a call, from the pod's point of view: `local*` is what the pod shows to that endpoint. */
export interface Leg {
  callId: string;
  /** From or To value without its tag parameter, bytes as first seen. */
  local: string;
  localTag: string;
  remote: string;
  remoteTag: string;
  /** URI of the endpoint's last Contact, bytes as received; the Request-URI of what is sent to it. */
  remoteTarget: string;
  /** Route values in sending order (RFC 3261 §12.1). */
  routeSet: string[];
  listener: string;
  transport: Transport;
  peer: PeerAddress;
  /** User part of the Contact that the pod shows to this endpoint. */
  contactUser: string;
  /** Last CSeq number that the pod used towards this endpoint, 0 if none. */
  localCSeq: number;
  /** The epoch in which `localCSeq` was used; the next epoch's numbers are counted from it. */
  localCSeqEpoch: number;
  /** Last CSeq number that this endpoint used, 0 if none. */
  remoteCSeq: number;
  /** Whether this endpoint generated the Call-ID; selects the 491 back-off band (RFC 3261 §14.1). */
  endpointChoseCallId: boolean;
  sdpSent: string;
  sdpReceived: string;
  allow: string;
  supported: string;
  userAgent: string;
  /** P-Asserted-Identity of this endpoint, '' if none; repeated in requests of the pod's own to the other one. */
  assertedIdentity: string;
  session: SessionTimer | undefined;
  home: Home;
  standing: Standing;
}

/** An INVITE or UPDATE of an endpoint that is not finished: what a new owner needs to finish it. */
export interface OpenRequest {
  method: 'INVITE' | 'UPDATE';
  /** The leg whose endpoint sent it. */
  from: LegIndex;
  cseqIn: number;
  cseqOut: number;
  /** Branch of the request that the pod sent on the other leg. */
  branchOut: string;
  /** The sender's Via values as received, top first, with received and rport filled in. */
  vias: string[];
  /** Record-Route values of the request, echoed in its 2xx. */
  recordRoutes: string[];
  /** Where responses to the sender go. */
  peer: PeerAddress;
  /** The offer that is not committed yet: of the sender, or of the far end if `lateOffer`; '' if none. */
  offer: string;
  /** The INVITE came without an offer: the far end offers, and the ACK or PRACK answers. */
  lateOffer: boolean;
  /** The offer was answered and both legs' SDP is committed. */
  settled: boolean;
  /** The 2xx as it was sent to the sender; '' before it was, and after the ACK. */
  answer: string;
  /** An acknowledged INVITE stays, stripped to its numbers, for repeats of its 2xx and ACK. */
  acked: boolean;
}

/** A call, as it is kept, replicated and taken over. */
export interface DialogRecord {
  /** The token without its last letter. */
  id: string;
  tag: string;
  /** The owner's epoch that wrote this version. */
  epoch: number;
  version: number;
  state: 'early' | 'confirmed' | 'ended';
  createdMs: number;
  answeredMs: number;
  legs: [Leg, Leg];
  open: OpenRequest[];
}
