import type { DialogRecord, Leg, OpenRequest } from './record.ts';
import { DialogField, FORMAT_VERSION, LegField, METHODS, OpenField, REFRESHERS } from './snapshot-format.ts';
import { STANDINGS, STATES, TRANSPORTS } from './snapshot-format.ts';
import type { SnapshotEntry } from './snapshot-reader.ts';
import { readEntries } from './snapshot-reader.ts';

/** Reads a snapshot of a version that this code knows; undefined for all other bytes. Never throws. */
export function decodeRecord(bytes: Uint8Array): DialogRecord | undefined {
  if (bytes[0] !== FORMAT_VERSION) return undefined;
  const entries = readEntries(bytes);
  if (entries === undefined) return undefined;
  const record = emptyRecord();
  let apply: (entry: SnapshotEntry) => void = (entry) => {
    readDialogField(record, entry);
  };
  for (const entry of entries) {
    if (entry.id === DialogField.Leg) apply = legReader(record.legs[entry.number === 1 ? 1 : 0]);
    else if (entry.id === DialogField.Open) apply = openReader(record);
    else apply(entry);
  }
  return record.id === '' ? undefined : record;
}

function emptyRecord(): DialogRecord {
  return {
    id: '',
    tag: '',
    epoch: 0,
    version: 0,
    state: STATES[0],
    createdMs: 0,
    answeredMs: 0,
    legs: [emptyLeg(), emptyLeg()],
    open: [],
  };
}

function emptyLeg(): Leg {
  return {
    callId: '',
    local: '',
    localTag: '',
    remote: '',
    remoteTag: '',
    remoteTarget: '',
    routeSet: [],
    listener: '',
    transport: TRANSPORTS[0],
    peer: { address: '', port: 0 },
    contactUser: '',
    localCSeq: 0,
    localCSeqEpoch: 0,
    remoteCSeq: 0,
    endpointChoseCallId: false,
    sdpSent: '',
    sdpReceived: '',
    allow: '',
    supported: '',
    userAgent: '',
    assertedIdentity: '',
    session: undefined,
    home: { pod: '', epoch: 0 },
    standing: { state: STANDINGS[0], status: 0, sinceMs: 0, attempts: 0 },
  };
}

function readDialogField(record: DialogRecord, entry: SnapshotEntry): void {
  const { number, text = '' } = entry;
  switch (entry.id) {
    case DialogField.Id:
      record.id = text;
      break;
    case DialogField.Tag:
      record.tag = text;
      break;
    case DialogField.Epoch:
      record.epoch = number;
      break;
    case DialogField.Version:
      record.version = number;
      break;
    case DialogField.State:
      record.state = STATES[number] ?? record.state;
      break;
    case DialogField.CreatedMs:
      record.createdMs = number;
      break;
    case DialogField.AnsweredMs:
      record.answeredMs = number;
      break;
  }
}

type Setter<T> = (into: T, number: number, text: string) => void;

const LEG_SETTERS: ReadonlyMap<number, Setter<Leg>> = new Map<number, Setter<Leg>>([
  [LegField.CallId, (leg, _, text) => (leg.callId = text)],
  [LegField.Local, (leg, _, text) => (leg.local = text)],
  [LegField.LocalTag, (leg, _, text) => (leg.localTag = text)],
  [LegField.Remote, (leg, _, text) => (leg.remote = text)],
  [LegField.RemoteTag, (leg, _, text) => (leg.remoteTag = text)],
  [LegField.RemoteTarget, (leg, _, text) => (leg.remoteTarget = text)],
  [LegField.Route, (leg, _, text) => leg.routeSet.push(text)],
  [LegField.Listener, (leg, _, text) => (leg.listener = text)],
  [LegField.Transport, (leg, number) => (leg.transport = TRANSPORTS[number] ?? leg.transport)],
  [LegField.PeerAddress, (leg, _, text) => (leg.peer.address = text)],
  [LegField.PeerPort, (leg, number) => (leg.peer.port = number)],
  [LegField.ContactUser, (leg, _, text) => (leg.contactUser = text)],
  [LegField.LocalCSeq, (leg, number) => (leg.localCSeq = number)],
  [LegField.LocalCSeqEpoch, (leg, number) => (leg.localCSeqEpoch = number)],
  [LegField.RemoteCSeq, (leg, number) => (leg.remoteCSeq = number)],
  [LegField.EndpointChoseCallId, (leg, number) => (leg.endpointChoseCallId = number === 1)],
  [LegField.SdpSent, (leg, _, text) => (leg.sdpSent = text)],
  [LegField.SdpReceived, (leg, _, text) => (leg.sdpReceived = text)],
  [LegField.Allow, (leg, _, text) => (leg.allow = text)],
  [LegField.Supported, (leg, _, text) => (leg.supported = text)],
  [LegField.UserAgent, (leg, _, text) => (leg.userAgent = text)],
  [LegField.AssertedIdentity, (leg, _, text) => (leg.assertedIdentity = text)],
  [LegField.SessionInterval, (leg, number) => (session(leg).intervalSeconds = number)],
  [
    LegField.SessionRefresher,
    (leg, number) => (session(leg).refresher = REFRESHERS[number] ?? REFRESHERS[0]),
  ],
  [LegField.SessionRefreshedAtMs, (leg, number) => (session(leg).refreshedAtMs = number)],
  [LegField.HomePod, (leg, _, text) => (leg.home.pod = text)],
  [LegField.HomeEpoch, (leg, number) => (leg.home.epoch = number)],
  [LegField.StandingState, (leg, number) => (leg.standing.state = STANDINGS[number] ?? leg.standing.state)],
  [LegField.StandingStatus, (leg, number) => (leg.standing.status = number)],
  [LegField.StandingSinceMs, (leg, number) => (leg.standing.sinceMs = number)],
  [LegField.StandingAttempts, (leg, number) => (leg.standing.attempts = number)],
]);

function session(leg: Leg): NonNullable<Leg['session']> {
  leg.session ??= { intervalSeconds: 0, refresher: REFRESHERS[0], refreshedAtMs: 0 };
  return leg.session;
}

function legReader(leg: Leg): (entry: SnapshotEntry) => void {
  return (entry) => {
    LEG_SETTERS.get(entry.id)?.(leg, entry.number, entry.text ?? '');
  };
}

const OPEN_SETTERS: ReadonlyMap<number, Setter<OpenRequest>> = new Map<number, Setter<OpenRequest>>([
  [OpenField.Method, (open, number) => (open.method = METHODS[number] ?? open.method)],
  [OpenField.From, (open, number) => (open.from = number === 1 ? 1 : 0)],
  [OpenField.CSeqIn, (open, number) => (open.cseqIn = number)],
  [OpenField.CSeqOut, (open, number) => (open.cseqOut = number)],
  [OpenField.BranchOut, (open, _, text) => (open.branchOut = text)],
  [OpenField.Via, (open, _, text) => open.vias.push(text)],
  [OpenField.RecordRoute, (open, _, text) => open.recordRoutes.push(text)],
  [OpenField.PeerAddress, (open, _, text) => (open.peer.address = text)],
  [OpenField.PeerPort, (open, number) => (open.peer.port = number)],
  [OpenField.Offer, (open, _, text) => (open.offer = text)],
  [OpenField.LateOffer, (open, number) => (open.lateOffer = number === 1)],
  [OpenField.Settled, (open, number) => (open.settled = number === 1)],
  [OpenField.Answer, (open, _, text) => (open.answer = text)],
  [OpenField.Acked, (open, number) => (open.acked = number === 1)],
]);

function openReader(record: DialogRecord): (entry: SnapshotEntry) => void {
  const open: OpenRequest = {
    method: METHODS[0],
    from: 0,
    cseqIn: 0,
    cseqOut: 0,
    branchOut: '',
    vias: [],
    recordRoutes: [],
    peer: { address: '', port: 0 },
    offer: '',
    lateOffer: false,
    settled: false,
    answer: '',
    acked: false,
  };
  record.open.push(open);
  return (entry) => {
    OPEN_SETTERS.get(entry.id)?.(open, entry.number, entry.text ?? '');
  };
}
