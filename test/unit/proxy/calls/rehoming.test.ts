import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { newContext } from '../../../../src/proxy/calls/new-context.ts';
import { Rehoming } from '../../../../src/proxy/calls/rehoming.ts';
import type { Takeover } from '../../../../src/proxy/calls/takeover.ts';
import { TokenKeys } from '../../../../src/proxy/calls/token-keys.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { H, parseMessage, SipMessage } from '../../../../src/sip/index.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

const CONFIG = {
  pod: 'a',
  shards: ['t'],
  shardGroups: {},
  listeners: ['public', 'trunk', 'internal'].map((name) => ({
    name,
    transports: ['UDP', 'TCP'],
    advertise: { address: '203.0.113.1', port: 5060 },
  })),
  routes: [],
  targets: [],
  replication: { durability: 'async', protectTimeoutMs: 100 },
  rehoming: { method: 'Reinvite', legsPerSecond: 1000, perPeer: { legsPerSecond: 1000, maxInFlight: 20 } },
  topologyHiding: { callId: 'pass' },
  sip: { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 },
  limits: { maxDialogs: 10, heldMessages: 10 },
} as unknown as ProxyConfig;

/** A pod that owns its only tag and has no peers. */
const mesh: MeshPort = {
  put: () => 1,
  end: () => undefined,
  merge: () => undefined,
  send: () => false,
  mayAct: () => true,
  ownerOf: () => ({ pod: 'a', epoch: 9 }),
  isReady: () => true,
  ownedTags: () => ['t'],
  inSyncStandbys: () => 0,
  alivePods: () => [],
  isAlive: () => true,
};

const TAKEOVER = {
  asked: () => undefined,
  leg: () => undefined,
  settled: () => undefined,
  ended: () => undefined,
} as unknown as Takeover;
/** More than an endpoint's 491 keeps a leg waiting (RFC 3261 §14.1). */
const GLARE_MS = 5_000;

let context: CallContext;
let rehoming: Rehoming;
let sent: SipMessage[];
let call: Call;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  context = newContext({
    config: CONFIG,
    log: newLogger('error', {}),
    metrics: new ProxyMetrics(),
    tokenKeys: new TokenKeys([{ id: 'key', secret: 'key' }]),
    mesh,
    connections: { hasConnection: () => false },
    send: (_flow, text) => {
      const message = parseMessage(text);
      if (message instanceof SipMessage) sent.push(message);
    },
    receive: () => undefined,
  });
  rehoming = new Rehoming(context);
  const record = { ...sampleRecord(), tag: 't', open: [] };
  for (const leg of record.legs) Object.assign(leg, { transport: 'UDP', routeSet: [] });
  record.legs[0].remoteTarget = 'sip:alice@192.0.2.10:5070';
  record.legs[1].remoteTarget = 'sip:bob@192.0.2.20:5070';
  call = { record };
  context.calls.add(call);
});

afterEach(() => {
  jest.useRealTimers();
});

function begin(epoch: number): void {
  const owner = { pod: 'a', epoch, homeSince: epoch, inSync: true, doubtful: false };
  expect(rehoming.begin(call, owner, TAKEOVER)).toBe(true);
  jest.advanceTimersByTime(100);
}

/** Requests of that method sent so far, without repeats. */
function requests(method: string): SipMessage[] {
  const found = sent.filter((message) => message.isRequest && message.method === method);
  return found.filter(({ text }, index) => found.findIndex((other) => other.text === text) === index);
}

function answer(request: SipMessage | undefined, status: string): void {
  if (request === undefined) throw new Error('nothing was asked');
  const copied = [H.Via, H.From, H.To, H.CallId] as const;
  const [via, from, to, callId] = copied.map((header) => request.get(header) ?? '');
  const text =
    `SIP/2.0 ${status}\r\nVia: ${via ?? ''}\r\nFrom: ${from ?? ''}\r\nTo: ${to ?? ''}\r\nCall-ID: ${callId ?? ''}\r\n` +
    `CSeq: ${String(request.cseq)} INVITE\r\nContact: <${request.requestUri}>\r\nContent-Length: 0\r\n\r\n`;
  const response = parseMessage(text);
  if (!(response instanceof SipMessage)) throw new Error('no SIP');
  expect(context.transactions.receiveResponse(response)).toBe(true);
}

it('asks again after a 491, though a 2xx of an earlier re-home is repeated meanwhile', () => {
  begin(9);
  const first = requests('INVITE');
  expect(first).toHaveLength(2);
  for (const invite of first) answer(invite, '200 OK');
  expect(call.job).toBeUndefined();

  begin(10);
  const second = requests('INVITE').slice(2);
  expect(second).toHaveLength(2);
  for (const invite of second) answer(invite, '491 Request Pending');
  answer(first[0], '200 OK');
  jest.advanceTimersByTime(GLARE_MS);
  expect(requests('INVITE')).toHaveLength(6);
});
