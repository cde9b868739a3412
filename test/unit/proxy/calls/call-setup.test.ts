import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import { CallEngine } from '../../../../src/proxy/calls/engine.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { newContext } from '../../../../src/proxy/calls/new-context.ts';
import { Rehoming } from '../../../../src/proxy/calls/rehoming.ts';
import { TokenKeys } from '../../../../src/proxy/calls/token-keys.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';

const CALLER: Flow = { listener: 'public', transport: 'UDP', address: '192.0.2.1', port: 5060 };
const TARGETS = ['10.0.0.9', '10.0.0.10'];
const TOKEN_KEYS = new TokenKeys([{ id: 'key', secret: 'key' }]);
const CONFIG = {
  pod: 'a',
  shards: ['t'],
  shardGroups: {},
  listeners: [
    { name: 'public', transports: ['UDP'], advertise: { address: '203.0.113.1', port: 5060 } },
    { name: 'trunk', transports: ['UDP'], advertise: { address: '10.0.0.1', port: 5060 } },
  ],
  routes: [{ from: 'public', to: 'pbx', via: 'trunk' }],
  targets: [
    { name: 'pbx', addresses: TARGETS.map((address) => ({ address, port: 5060, transport: 'UDP' })) },
  ],
  replication: { durability: 'async', protectTimeoutMs: 100 },
  rehoming: { method: 'Reinvite', legsPerSecond: 10, perPeer: { legsPerSecond: 5, maxInFlight: 2 } },
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
  ownerOf: () => ({ pod: 'a', epoch: 1 }),
  isReady: () => true,
  ownedTags: () => ['t'],
  inSyncStandbys: () => 0,
  alivePods: () => [],
  isAlive: () => true,
};

let sent: { flow: Flow; text: string }[] = [];
let context: CallContext;
let engine: CallEngine;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  context = newContext({
    config: CONFIG,
    log: newLogger('error', {}),
    metrics: new ProxyMetrics(),
    tokenKeys: TOKEN_KEYS,
    mesh,
    connections: { hasConnection: () => false },
    send: (flow, text) => sent.push({ flow, text }),
    receive: (text, flow) => {
      engine.receive(text, flow);
    },
  });
  engine = new CallEngine(context, new Rehoming(context), {
    adopt: () => undefined,
    ended: () => undefined,
  });
});

afterEach(() => {
  jest.useRealTimers();
});

function request(method: string): string {
  return (
    `${method} sip:c@203.0.113.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${method}\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 ${method}\r\n` +
    'Contact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n'
  );
}

/** Messages of that kind sent to an address, without repeats. */
function sentTo(address: string, start: string): string[] {
  const texts = sent.filter(({ flow, text }) => flow.address === address && text.startsWith(start));
  return [...new Set(texts.map(({ text }) => text))];
}

/** A target answers the first request of that method that it got. */
function answer(address: string, method: string, status: string): void {
  const [text = ''] = sentTo(address, method);
  const lines = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  const response = [`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n');
  const toTag = response.replace(/^(To: [^\r;]*)(?=\r)/m, `$1;tag=of-${address}`);
  engine.receive(toTag, { listener: 'trunk', transport: 'UDP', address, port: 5060 });
}

/** Status of each final response that the caller got. */
function finals(): string[] {
  return sentTo(CALLER.address, 'SIP/2.0 ').flatMap((text) => {
    const status = text.slice(8, 11);
    return status < '200' ? [] : [status];
  });
}

const [FIRST = '', SECOND = ''] = TARGETS;

describe('a target that rings and says nothing more (RFC 3261 §16.6, Timer C)', () => {
  it('is cancelled after 190 s, and the next one is tried', () => {
    engine.receive(request('INVITE'), CALLER);
    answer(FIRST, 'INVITE', '180 Ringing');
    jest.advanceTimersByTime(189_000);
    expect(sentTo(FIRST, 'CANCEL')).toEqual([]);
    expect(sentTo(SECOND, 'INVITE')).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(sentTo(FIRST, 'CANCEL')).toHaveLength(1);
    expect(sentTo(SECOND, 'INVITE')).toHaveLength(1);
    answer(FIRST, 'INVITE', '487 Request Terminated');
    expect(finals()).toEqual([]);
  });

  it('has its time anew with each provisional answer', () => {
    engine.receive(request('INVITE'), CALLER);
    answer(FIRST, 'INVITE', '180 Ringing');
    jest.advanceTimersByTime(150_000);
    answer(FIRST, 'INVITE', '183 Session Progress');
    jest.advanceTimersByTime(150_000);
    expect(sentTo(FIRST, 'CANCEL')).toEqual([]);
    jest.advanceTimersByTime(50_000);
    expect(sentTo(FIRST, 'CANCEL')).toHaveLength(1);
  });

  it('ends the call with 408 when it was the last one', () => {
    engine.receive(request('INVITE'), CALLER);
    answer(FIRST, 'INVITE', '180 Ringing');
    jest.advanceTimersByTime(191_000);
    answer(SECOND, 'INVITE', '180 Ringing');
    jest.advanceTimersByTime(191_000);
    expect(sentTo(SECOND, 'CANCEL')).toHaveLength(1);
    expect(finals()).toEqual(['408']);
    expect(context.calls.size).toBe(0);
  });
});

describe('a MESSAGE out of any dialog', () => {
  it('goes to the first target, and its answer comes back without a trace of the pod', () => {
    engine.receive(request('MESSAGE'), CALLER);
    const [relayed = ''] = sentTo(FIRST, 'MESSAGE');
    expect(relayed).toContain('Max-Forwards: 69\r\n');
    expect(relayed.match(/^Via:/gm)).toHaveLength(1);
    expect(relayed).not.toContain('192.0.2.1');
    answer(FIRST, 'MESSAGE', '202 Accepted');
    const [answered = ''] = sentTo(CALLER.address, 'SIP/2.0 202');
    expect(answered).toContain('z9hG4bKMESSAGE');
    expect(answered).not.toContain('10.0.0.1');
    expect(context.calls.size).toBe(0);
  });

  it('goes to the next target after 503, and the last answer counts', () => {
    engine.receive(request('MESSAGE'), CALLER);
    answer(FIRST, 'MESSAGE', '503 Service Unavailable');
    expect(finals()).toEqual([]);
    answer(SECOND, 'MESSAGE', '503 Service Unavailable');
    expect(finals()).toEqual(['503']);
  });

  it('goes to the next target when the first is silent', () => {
    engine.receive(request('MESSAGE'), CALLER);
    jest.advanceTimersByTime(31_000);
    expect(sentTo(SECOND, 'MESSAGE')).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(sentTo(SECOND, 'MESSAGE')).toHaveLength(1);
    answer(SECOND, 'MESSAGE', '200 OK');
    expect(finals()).toEqual(['200']);
  });

  it('is refused by what refuses it', () => {
    engine.receive(request('MESSAGE'), CALLER);
    answer(FIRST, 'MESSAGE', '404 Not Found');
    expect(finals()).toEqual(['404']);
    expect(sentTo(SECOND, 'MESSAGE')).toEqual([]);
  });
});
