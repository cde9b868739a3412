import type { DialogRecord, Leg } from '../../../src/dialog/record.ts';

export const OFFER =
  'v=0\r\no=alice 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
export const ANSWER =
  'v=0\r\no=bob 7 7 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n';

const caller: Leg = {
  callId: 'call-1@192.0.2.10',
  local: '"Bob" <sip:bob@example.com>',
  localTag: 'bob-tag',
  remote: '"Alice" <sip:alice@example.com>',
  remoteTag: 'alice-tag',
  remoteTarget: 'sip:alice@192.0.2.10:5062;ob',
  routeSet: ['<sip:edge.example.com;lr>', '<sip:core.example.com;lr>'],
  listener: 'public',
  transport: 'UDP',
  peer: { address: '192.0.2.10', port: 5062 },
  contactUser: 'bob',
  localCSeq: 0,
  localCSeqEpoch: 3,
  remoteCSeq: 102,
  endpointChoseCallId: true,
  sdpSent: ANSWER,
  sdpReceived: OFFER,
  allow: 'INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE',
  supported: 'timer, replaces',
  userAgent: 'Alice Phone 1.0',
  assertedIdentity: '<sip:+4930123@example.com>',
  session: { intervalSeconds: 1800, refresher: 'endpoint', refreshedAtMs: 1_700_000_000_123 },
  home: { pod: 'edge-0', epoch: 3 },
  standing: { state: 'settled', status: 0, sinceMs: 1_700_000_000_000, attempts: 0 },
};

const callee: Leg = {
  ...caller,
  local: caller.remote,
  localTag: caller.remoteTag,
  remote: caller.local,
  remoteTag: caller.localTag,
  remoteTarget: 'sip:bob@192.0.2.20:5070;transport=tcp',
  routeSet: [],
  listener: 'internal',
  transport: 'TCP',
  peer: { address: '192.0.2.20', port: 5070 },
  contactUser: 'alice',
  localCSeq: 102,
  remoteCSeq: 0,
  endpointChoseCallId: false,
  sdpSent: OFFER,
  sdpReceived: ANSWER,
  allow: 'INVITE, ACK, BYE',
  supported: '',
  userAgent: '',
  assertedIdentity: '',
  session: { intervalSeconds: 1800, refresher: 'pod', refreshedAtMs: 1_700_000_000_123 },
  standing: { state: 'refused', status: 488, sinceMs: 1_700_000_000_500, attempts: 2 },
};

export const SAMPLE_ID = '1aabbccdd0123456789abcdef01fedcba9876543210';

/** A confirmed call in epoch 3 of `edge-0`: the caller over UDP behind two loose routers, the callee over TCP. */
export function sampleRecord(): DialogRecord {
  return structuredClone<DialogRecord>({
    id: SAMPLE_ID,
    tag: 'edge-07',
    epoch: 3,
    version: 9,
    state: 'confirmed',
    createdMs: 1_700_000_000_000,
    answeredMs: 1_700_000_002_000,
    legs: [caller, callee],
    open: [],
  });
}

/** The same call with a re-INVITE of the caller's that the callee answered, before the ACK. */
export function sampleWithOpenInvite(): DialogRecord {
  const record = sampleRecord();
  record.open.push({
    method: 'INVITE',
    from: 0,
    cseqIn: 103,
    cseqOut: 104,
    branchOut: 'z9hG4bKout',
    vias: [
      'SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKin;rport=5062;received=192.0.2.10',
      'SIP/2.0/UDP ua;branch=z9hG4bK0',
    ],
    recordRoutes: ['<sip:edge.example.com;lr>'],
    peer: { address: '192.0.2.10', port: 5062 },
    offer: '',
    lateOffer: true,
    settled: true,
    answer: 'SIP/2.0 200 OK\r\n\r\n',
    acked: false,
  });
  return record;
}
