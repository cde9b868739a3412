/**
 * Format 1: the version byte, the table, a zero byte, the text. The table is pairs of varints, key and value; a key is
 * `id * 4 + kind`. Texts lie one after another, as UTF-8, in the order of the table. Ids are append-only: a reader
 * passes over ids that it does not know, since the kind says what the value means.
 */
export const FORMAT_VERSION = 1;

/** What stands in place of a key behind the last entry. */
export const TABLE_END = 0;

/** What the value of a table entry means. */
export const Kind = {
  /** The value itself. */
  Number: 0,
  /** The length of a text, in UTF-16 units. */
  Text: 1,
  /** A text equal to an earlier one: that one's ordinal. */
  Repeat: 2,
} as const;

/** Ids of the dialog's own fields; never reuse one. */
export const DialogField = {
  Id: 1,
  Tag: 2,
  Epoch: 3,
  Version: 4,
  State: 5,
  CreatedMs: 6,
  AnsweredMs: 7,
  /** Fields after it belong to the leg of this index. */
  Leg: 8,
  /** Fields after it belong to one more open request. */
  Open: 9,
} as const;

/** Ids of a leg's fields; never reuse one. */
export const LegField = {
  CallId: 20,
  Local: 21,
  LocalTag: 22,
  Remote: 23,
  RemoteTag: 24,
  RemoteTarget: 25,
  Route: 26,
  Listener: 27,
  Transport: 28,
  PeerAddress: 29,
  PeerPort: 30,
  ContactUser: 31,
  LocalCSeq: 32,
  LocalCSeqEpoch: 33,
  RemoteCSeq: 34,
  EndpointChoseCallId: 35,
  SdpSent: 36,
  SdpReceived: 37,
  Allow: 38,
  Supported: 39,
  UserAgent: 40,
  AssertedIdentity: 41,
  SessionInterval: 42,
  SessionRefresher: 43,
  SessionRefreshedAtMs: 44,
  HomePod: 45,
  HomeEpoch: 46,
  StandingState: 47,
  StandingStatus: 48,
  StandingSinceMs: 49,
  StandingAttempts: 50,
} as const;

/** Ids of an open request's fields; never reuse one. */
export const OpenField = {
  Method: 70,
  From: 71,
  CSeqIn: 72,
  CSeqOut: 73,
  BranchOut: 74,
  Via: 75,
  RecordRoute: 76,
  PeerAddress: 77,
  PeerPort: 78,
  Offer: 79,
  LateOffer: 80,
  Settled: 81,
  Answer: 82,
  Acked: 83,
} as const;

/** Words kept as their index; append-only. */
export const STATES = ['early', 'confirmed', 'ended'] as const;
export const TRANSPORTS = ['UDP', 'TCP'] as const;
export const REFRESHERS = ['pod', 'endpoint'] as const;
export const STANDINGS = ['settled', 'refused', 'unreached'] as const;
export const METHODS = ['INVITE', 'UPDATE'] as const;
