import { flat, H, parseNameAddr, type SipMessage } from '../sip/index.ts';
import { contactUri, contactUser } from './contact-uri.ts';
import { withoutTag } from './name-addr-tag.ts';
import type { DialogRecord, Home, Leg, PeerAddress, Transport } from './record.ts';
import { noteCapabilities } from './peer-capabilities.ts';

/** Where one side of a new call is. */
export interface LegStart {
  listener: string;
  transport: Transport;
  peer: PeerAddress;
}

/** What a call begins with. */
export interface CallStart {
  invite: SipMessage;
  /** See `mintToken`. */
  id: string;
  tag: string;
  epoch: number;
  pod: string;
  callerLeg: LegStart;
  calleeLeg: LegStart;
  /** Request-URI of the INVITE to the callee. */
  requestUri: string;
  nowMs: number;
  /** Identity shown to the callee in place of the caller's. */
  mask?: { callId: string; tag: string };
}

/** The record of a call whose INVITE has come and whose callee has not answered. */
export function startCall(start: CallStart): DialogRecord {
  const { invite, mask } = start;
  const home: Home = { pod: start.pod, epoch: start.epoch };
  const caller = emptyLeg(start.callerLeg, home, start.nowMs);
  const callee = emptyLeg(start.calleeLeg, home, start.nowMs);
  caller.callId = flat(invite.callId);
  caller.local = flat(withoutTag(invite.to));
  caller.remote = flat(withoutTag(invite.from));
  caller.remoteTag = flat(invite.fromTag);
  // RFC 2543 let an INVITE come without a Contact: its caller is where From says.
  caller.remoteTarget = contactUri(invite) ?? flat(parseNameAddr(invite.from)?.uri ?? '');
  // RFC 3261 §12.1.1: a UAS keeps Record-Route in order.
  caller.routeSet = invite.list(H.RecordRoute).map(flat);
  caller.remoteCSeq = invite.cseq;
  caller.endpointChoseCallId = true;
  noteCapabilities(caller, invite);
  callee.callId = mask?.callId ?? caller.callId;
  callee.local = caller.remote;
  callee.localTag = mask?.tag ?? caller.remoteTag;
  callee.remote = caller.local;
  callee.remoteTarget = flat(start.requestUri);
  callee.contactUser = contactUser(invite) ?? '';
  return {
    id: start.id,
    tag: start.tag,
    epoch: start.epoch,
    version: 1,
    state: 'early',
    createdMs: start.nowMs,
    answeredMs: 0,
    legs: [caller, callee],
    open: [],
  };
}

/** Aims a call that nobody has answered at another target. */
export function retargetCall(record: DialogRecord, requestUri: string, calleeLeg: LegStart): void {
  const callee = record.legs[1];
  callee.remoteTarget = flat(requestUri);
  callee.listener = calleeLeg.listener;
  callee.transport = calleeLeg.transport;
  callee.peer = calleeLeg.peer;
}

function emptyLeg(start: LegStart, home: Home, nowMs: number): Leg {
  return {
    callId: '',
    local: '',
    localTag: '',
    remote: '',
    remoteTag: '',
    remoteTarget: '',
    routeSet: [],
    listener: start.listener,
    transport: start.transport,
    peer: start.peer,
    contactUser: '',
    localCSeq: 0,
    localCSeqEpoch: home.epoch,
    remoteCSeq: 0,
    endpointChoseCallId: false,
    sdpSent: '',
    sdpReceived: '',
    allow: '',
    supported: '',
    userAgent: '',
    assertedIdentity: '',
    session: undefined,
    home: { ...home },
    standing: { state: 'settled', status: 0, sinceMs: nowMs, attempts: 0 },
  };
}
