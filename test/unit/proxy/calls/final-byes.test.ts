import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { FinalByes } from '../../../../src/proxy/calls/final-byes.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { newContext } from '../../../../src/proxy/calls/new-context.ts';
import { TokenKeys } from '../../../../src/proxy/calls/token-keys.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { buildResponse, parseMessage, SipMessage } from '../../../../src/sip/index.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

const PACE = { legsPerSecond: 100, perPeer: { legsPerSecond: 100, maxInFlight: 10 } };
const CONFIG = {
  pod: 'a',
  shards: ['t'],
  shardGroups: {},
  listeners: [
    { name: 'public', transports: ['UDP'], advertise: { address: '203.0.113.1', port: 5060 } },
    { name: 'trunk', transports: ['UDP'], advertise: { address: '10.0.0.1', port: 5060 } },
  ],
  routes: [],
  targets: [],
  rehoming: { method: 'Reinvite', ...PACE },
  sip: { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 },
  limits: { maxDialogs: 10, heldMessages: 10 },
} as unknown as ProxyConfig;
const LONG_MS = 60_000;
const LOOK_MS = 50;

let mayAct: boolean;
let context: CallContext;
let byes: FinalByes;
let call: Call;
/** By the far end's address. */
let sent: Map<string, SipMessage[]>;

beforeEach(() => {
  jest.useFakeTimers();
  mayAct = true;
  sent = new Map();
  const mesh = {
    put: () => 1,
    end: () => undefined,
    mayAct: () => mayAct,
    ownerOf: () => ({ pod: 'a', epoch: 9 }),
    inSyncStandbys: () => 0,
  } as unknown as MeshPort;
  context = newContext({
    config: CONFIG,
    log: newLogger('error', {}),
    metrics: new ProxyMetrics(),
    tokenKeys: new TokenKeys([{ id: 'key', secret: 'key' }]),
    mesh,
    connections: { hasConnection: () => false },
    send: ({ address }, text) => {
      const message = parseMessage(text);
      if (message instanceof SipMessage) sent.set(address, [...(sent.get(address) ?? []), message]);
    },
    receive: () => undefined,
  });
  const record = { ...sampleRecord(), tag: 't', open: [] };
  Object.assign(record.legs[0], { listener: 'public', transport: 'UDP', routeSet: [] });
  Object.assign(record.legs[1], { listener: 'trunk', transport: 'UDP', routeSet: [] });
  record.legs[0].remoteTarget = 'sip:alice@192.0.2.10:5070';
  record.legs[1].remoteTarget = 'sip:bob@192.0.2.20:5070';
  call = { record };
  context.calls.add(call);
  byes = new FinalByes(context, PACE, () => undefined);
});

afterEach(() => {
  jest.useRealTimers();
});

function goOn(ms: number): void {
  for (let passed = 0; passed < ms; passed += LOOK_MS) {
    byes.step();
    jest.advanceTimersByTime(LOOK_MS);
  }
}

function answer(address: string): void {
  const [bye] = sent.get(address) ?? [];
  const response = bye && parseMessage(buildResponse(bye, 200));
  if (!(response instanceof SipMessage)) throw new Error(`nothing was sent to ${address}`);
  context.transactions.receiveResponse(response);
}

it('ends a call once both sides have answered', async () => {
  byes.add(call);
  goOn(LOOK_MS);
  expect([...sent.values()].map(([bye]) => bye?.method)).toEqual(['BYE', 'BYE']);
  answer('192.0.2.10');
  expect([byes.left, context.calls.size]).toEqual([1, 1]);
  answer('192.0.2.20');
  expect([byes.left, context.calls.size]).toEqual([0, 0]);
  expect((await context.metrics.callsEnded.get()).values).toMatchObject([{ labels: { cause: 'shutdown' } }]);
});

it('ends a call with a silent side, and one whose other side no listener of this pod reaches', () => {
  call.record.legs[1].listener = 'of another pod';
  byes.add(call);
  goOn(LONG_MS);
  expect([...sent.keys()]).toEqual(['192.0.2.10']);
  expect([byes.left, context.calls.size]).toEqual([0, 0]);
});

it('says nothing without the lease, and goes on when it is back', () => {
  mayAct = false;
  byes.add(call);
  goOn(1_000);
  expect(sent.size).toBe(0);
  mayAct = true;
  goOn(1_000);
  expect(sent.size).toBe(2);
});
