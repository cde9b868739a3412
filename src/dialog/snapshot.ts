import type { DialogRecord, Leg, OpenRequest } from './record.ts';
import {
  DialogField,
  FORMAT_VERSION,
  LegField,
  METHODS,
  OpenField,
  REFRESHERS,
  STANDINGS,
  STATES,
  TRANSPORTS,
} from './snapshot-format.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

export { decodeRecord } from './snapshot-decode.ts';

const writer = new SnapshotWriter();

/** The record as bytes, whole: what travels to standbys and what {@link decodeRecord} reads. */
export function encodeRecord(record: DialogRecord): Uint8Array {
  const [caller, callee] = record.legs;
  writer.text(DialogField.Id, record.id);
  writer.text(DialogField.Tag, record.tag);
  writer.number(DialogField.Epoch, record.epoch);
  writer.number(DialogField.Version, record.version);
  writer.number(DialogField.State, STATES.indexOf(record.state));
  writer.number(DialogField.CreatedMs, record.createdMs);
  writer.number(DialogField.AnsweredMs, record.answeredMs);
  writeLeg(0, caller, callee, NO_TEXTS);
  writeLeg(1, callee, caller, callerTexts);
  for (const open of record.open) writeOpen(open);
  return writer.finish(FORMAT_VERSION);
}

/** Ordinals of a leg's texts which the other leg shows mirrored. */
interface LegTexts {
  callId: number;
  local: number;
  localTag: number;
  remote: number;
  remoteTag: number;
  sdpSent: number;
  sdpReceived: number;
}

const NO_TEXTS: LegTexts = {
  callId: -1,
  local: -1,
  localTag: -1,
  remote: -1,
  remoteTag: -1,
  sdpSent: -1,
  sdpReceived: -1,
};
const callerTexts: LegTexts = { ...NO_TEXTS };
const calleeTexts: LegTexts = { ...NO_TEXTS };

function writeLeg(index: 0 | 1, leg: Leg, mirror: Leg, earlier: LegTexts): void {
  const written = index === 0 ? callerTexts : calleeTexts;
  writer.mark(DialogField.Leg, index);
  written.callId = writer.repeat(LegField.CallId, leg.callId, mirror.callId, earlier.callId);
  written.local = writer.repeat(LegField.Local, leg.local, mirror.remote, earlier.remote);
  written.localTag = writer.repeat(LegField.LocalTag, leg.localTag, mirror.remoteTag, earlier.remoteTag);
  written.remote = writer.repeat(LegField.Remote, leg.remote, mirror.local, earlier.local);
  written.remoteTag = writer.repeat(LegField.RemoteTag, leg.remoteTag, mirror.localTag, earlier.localTag);
  written.sdpSent = writer.repeat(LegField.SdpSent, leg.sdpSent, mirror.sdpReceived, earlier.sdpReceived);
  written.sdpReceived = writer.repeat(LegField.SdpReceived, leg.sdpReceived, mirror.sdpSent, earlier.sdpSent);
  writer.text(LegField.RemoteTarget, leg.remoteTarget);
  for (const route of leg.routeSet) writer.text(LegField.Route, route);
  writer.text(LegField.Listener, leg.listener);
  writer.number(LegField.Transport, TRANSPORTS.indexOf(leg.transport));
  writer.text(LegField.PeerAddress, leg.peer.address);
  writer.number(LegField.PeerPort, leg.peer.port);
  writer.text(LegField.ContactUser, leg.contactUser);
  writer.number(LegField.LocalCSeq, leg.localCSeq);
  writer.number(LegField.LocalCSeqEpoch, leg.localCSeqEpoch);
  writer.number(LegField.RemoteCSeq, leg.remoteCSeq);
  writer.number(LegField.EndpointChoseCallId, leg.endpointChoseCallId ? 1 : 0);
  writePeer(leg);
  writeStanding(leg);
}

function writePeer(leg: Leg): void {
  writer.text(LegField.Allow, leg.allow);
  writer.text(LegField.Supported, leg.supported);
  writer.text(LegField.UserAgent, leg.userAgent);
  writer.text(LegField.AssertedIdentity, leg.assertedIdentity);
  if (leg.session === undefined) return;
  writer.number(LegField.SessionInterval, leg.session.intervalSeconds);
  writer.number(LegField.SessionRefresher, REFRESHERS.indexOf(leg.session.refresher));
  writer.number(LegField.SessionRefreshedAtMs, leg.session.refreshedAtMs);
}

function writeStanding(leg: Leg): void {
  writer.text(LegField.HomePod, leg.home.pod);
  writer.number(LegField.HomeEpoch, leg.home.epoch);
  writer.number(LegField.StandingState, STANDINGS.indexOf(leg.standing.state));
  writer.number(LegField.StandingStatus, leg.standing.status);
  writer.number(LegField.StandingSinceMs, leg.standing.sinceMs);
  writer.number(LegField.StandingAttempts, leg.standing.attempts);
}

function writeOpen(open: OpenRequest): void {
  writer.mark(DialogField.Open, 1);
  writer.number(OpenField.Method, METHODS.indexOf(open.method));
  writer.number(OpenField.From, open.from);
  writer.number(OpenField.CSeqIn, open.cseqIn);
  writer.number(OpenField.CSeqOut, open.cseqOut);
  writer.text(OpenField.BranchOut, open.branchOut);
  for (const via of open.vias) writer.text(OpenField.Via, via);
  for (const route of open.recordRoutes) writer.text(OpenField.RecordRoute, route);
  writer.text(OpenField.PeerAddress, open.peer.address);
  writer.number(OpenField.PeerPort, open.peer.port);
  writer.text(OpenField.Offer, open.offer);
  writer.number(OpenField.LateOffer, open.lateOffer ? 1 : 0);
  writer.number(OpenField.Settled, open.settled ? 1 : 0);
  writer.text(OpenField.Answer, open.answer);
  writer.number(OpenField.Acked, open.acked ? 1 : 0);
}
