import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import { CallEngine } from '../../../../src/proxy/calls/engine.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { newContext } from '../../../../src/proxy/calls/new-context.ts';
import { decodePodMessage } from '../../../../src/proxy/calls/pod-message.ts';
import { Rehoming } from '../../../../src/proxy/calls/rehoming.ts';
import { TokenKeys } from '../../../../src/proxy/calls/token-keys.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import type { DialogRecord } from '../../../../src/dialog/record.ts';
import { decodeRecord } from '../../../../src/dialog/snapshot.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';

const CALLER: Flow = { listener: 'public', transport: 'UDP', address: '192.0.2.1', port: 5060 };
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
  targets: [{ name: 'pbx', addresses: [{ address: '10.0.0.9', port: 5060, transport: 'UDP' }] }],
  replication: { durability: 'async', protectTimeoutMs: 100 },
  rehoming: { method: 'Reinvite', legsPerSecond: 10, perPeer: { legsPerSecond: 5, maxInFlight: 2 } },
  topologyHiding: { callId: 'pass' },
  sip: { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 },
  limits: { maxDialogs: 10, heldMessages: 10 },
} as unknown as ProxyConfig;

let owner: string | undefined;
let sent: { flow: Flow; text: string }[] = [];
/** Whether this pod has a stream with the others, which are alive. */
let linked: boolean;
let alive: string[];
let toPods: { pod: string; payload: Uint8Array }[] = [];
let context: CallContext;
let engine: CallEngine;

const mesh: MeshPort = {
  put: () => 1,
  end: () => undefined,
  merge: () => undefined,
  send: (pod, payload) => linked && toPods.push({ pod, payload }) > 0,
  mayAct: () => owner === 'a',
  ownerOf: () => (owner === undefined ? undefined : { pod: owner, epoch: 1 }),
  isReady: () => owner === 'a',
  ownedTags: () => (owner === 'a' ? ['t'] : []),
  inSyncStandbys: () => 0,
  alivePods: () => alive,
  isAlive: () => true,
};

function request(method: string, uri: string, toTag = ''): string {
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${method}\r\nMax-Forwards: 70\r\n` +
    `From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>${toTag && `;tag=${toTag}`}\r\nCall-ID: x\r\nCSeq: 1 ${method}\r\n` +
    'Contact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n'
  );
}

/** A request of the sample record's caller. */
function callersRequest(
  { id, legs: [leg] }: DialogRecord,
  { method, cseq, branch }: { method: string; cseq: number; branch: string },
): string {
  return (
    `${method} sip:bob@203.0.113.1:5060;rh=${id}a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${branch}\r\n` +
    `Max-Forwards: 70\r\nFrom: ${leg.remote};tag=${leg.remoteTag}\r\nTo: ${leg.local};tag=${leg.localTag}\r\n` +
    `Call-ID: ${leg.callId}\r\nCSeq: ${String(cseq)} ${method}\r\nContact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n`
  );
}

/** First lines of what was sent. */
function lines(): string[] {
  return sent.map(({ text }) => text.slice(0, text.indexOf('\r\n')));
}

const NOBODY = { adopt: () => undefined, ended: () => undefined };
const CONTEXT = { config: CONFIG, tokenKeys: TOKEN_KEYS, connections: { hasConnection: () => false } };

beforeEach(() => {
  jest.useFakeTimers();
  owner = 'a';
  sent = [];
  toPods = [];
  linked = true;
  alive = [];
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
  engine = new CallEngine(context, new Rehoming(context), NOBODY);
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a request of no dialog', () => {
  it.each([
    ['OPTIONS', 'SIP/2.0 200'],
    ['REGISTER', 'SIP/2.0 405'],
    ['SUBSCRIBE', 'SIP/2.0 405'],
    ['BYE', 'SIP/2.0 481'],
  ])('%s is answered by the pod: %s', (method, answer) => {
    engine.receive(request(method, 'sip:203.0.113.1'), CALLER);
    expect(lines()).toEqual([expect.stringContaining(answer)]);
  });

  it('OPTIONS is answered by 503 once the Service has let go of a pod that is to be emptied', () => {
    const ask = (branch: string): void => {
      engine.receive(request('OPTIONS', 'sip:203.0.113.1').replace('z9hG4bK', `z9hG4bK${branch}`), CALLER);
    };
    context.newCalls.leaving = true;
    ask('at-once');
    jest.advanceTimersByTime(3_000);
    ask('alone');
    alive.push('b');
    ask('later');
    context.newCalls.leaving = false;
    ask('again');
    alive.pop();
    expect(lines().map((line) => line.split(' ')[1])).toEqual(['200', '200', '503', '200']);
    expect(sent[2]?.text).toContain('Retry-After: 5');
  });

  it('is a call when it is an INVITE, and stops when it is cancelled before any answer', () => {
    engine.receive(request('INVITE', 'sip:c@203.0.113.1'), CALLER);
    expect(lines()).toEqual(['SIP/2.0 100 Trying', 'INVITE sip:c@10.0.0.9:5060 SIP/2.0']);
    expect(context.calls.size).toBe(1);
    const cancel = request('CANCEL', 'sip:c@203.0.113.1').replace('z9hG4bKCANCEL', 'z9hG4bKINVITE');
    engine.receive(cancel, CALLER);
    expect(lines().slice(2)).toEqual(['SIP/2.0 200 OK', expect.stringContaining('SIP/2.0 487')]);
    expect(context.calls.size).toBe(0);
  });

  it('is refused with 503 while the pod has no tag and nobody else has one', () => {
    owner = undefined;
    engine.receive(request('INVITE', 'sip:c@203.0.113.1'), CALLER);
    expect(lines()).toEqual([expect.stringContaining('SIP/2.0 503')]);
    expect(context.calls.size).toBe(0);
  });

  it('is held for the pod with a tag until there is a stream with it, and refused if there never is', () => {
    owner = 'b';
    alive = ['b'];
    linked = false;
    engine.receive(request('INVITE', 'sip:c@203.0.113.1'), CALLER);
    expect(lines()).toEqual([]);
    engine.releaseHeld('t');
    expect(context.held.size).toBe(1);
    linked = true;
    engine.releaseHeld('t');
    expect(context.held.size).toBe(0);
    expect(toPods.map(({ pod }) => pod)).toEqual(['b']);

    linked = false;
    engine.receive(request('INVITE', 'sip:c@203.0.113.1').replace('z9hG4bK', 'z9hG4bKother'), CALLER);
    jest.advanceTimersByTime(30_000);
    engine.releaseHeld('t');
    expect(lines()).toEqual([expect.stringContaining('SIP/2.0 503')]);
  });
});

describe('a request with a token', () => {
  const byeTo = (id: string): string => request('BYE', `sip:c@203.0.113.1;rh=${id}`, '2');

  it('that was forged gets 481 though no owner is known', () => {
    const id = context.mint('t');
    const forged = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
    owner = undefined;
    engine.receive(byeTo(`${forged}a`), CALLER);
    expect(lines()).toEqual([expect.stringContaining('SIP/2.0 481')]);
    expect(context.held.size).toBe(0);
  });

  it('is held while no owner is known, and answered by the owner', () => {
    const token = `${context.mint('t')}a`;
    owner = undefined;
    engine.receive(byeTo(token), CALLER);
    expect(lines()).toEqual([]);
    expect(context.held.size).toBe(1);
    engine.releaseHeld('t');
    expect(context.held.size).toBe(1);
    owner = 'a';
    engine.releaseHeld('t');
    expect(context.held.size).toBe(0);
    expect(lines()).toEqual([expect.stringContaining('SIP/2.0 481')]);
  });

  it('that cannot be handled after it was held does not take the others with it', async () => {
    const token = `${context.mint('t')}a`;
    owner = undefined;
    for (const branch of ['1', '2'])
      engine.receive(byeTo(token).replace('z9hG4bK', `z9hG4bK${branch}`), CALLER);
    owner = 'a';
    context.log.level = 'silent';
    jest.spyOn(context.transactions, 'openServer').mockImplementationOnce(() => {
      throw new Error('injected');
    });
    engine.releaseHeld('t');
    expect(lines()).toEqual([expect.stringContaining('SIP/2.0 481')]);
    expect((await context.metrics.drops.get()).values).toEqual([
      { labels: { reason: 'internal_error' }, value: 1 },
    ]);
  });

  it('is handed to the pod that owns its tag', () => {
    owner = 'b';
    engine.receive(byeTo(`${context.mint('t')}a`), CALLER);
    expect(toPods.map(({ pod, payload }) => [pod, decodePodMessage(payload)?.kind])).toEqual([
      ['b', 'handle'],
    ]);
    expect(lines()).toEqual([]);
  });

  it('relays a request that a later one has overtaken on another way, each once, but no late offer', () => {
    const record = { ...sampleRecord(), id: context.mint('t'), tag: 't', open: [] };
    Object.assign(record.legs[1], { listener: 'trunk', transport: 'UDP', routeSet: [] });
    record.legs[1].remoteTarget = 'sip:bob@192.0.2.20:5070';
    context.calls.add({ record });
    const send = (method: string, cseq: number, branch: string): string | undefined => {
      const before = sent.length;
      engine.receive(callersRequest(record, { method, cseq, branch }), CALLER);
      return lines().slice(before).at(-1);
    };

    expect(send('INFO', 106, 'a')).toMatch(/^INFO sip:bob@192.0.2.20/);
    expect(send('INFO', 104, 'b')).toMatch(/^INFO sip:bob@192.0.2.20/);
    expect(send('INFO', 104, 'c')).toMatch(/^SIP\/2.0 500 /);
    expect(send('UPDATE', 105, 'd')).toMatch(/^SIP\/2.0 500 /);
    expect(send('INFO', 102, 'e')).toMatch(/^SIP\/2.0 500 /);
  });

  it('is cancelled, and its sender told, when a re-INVITE gets no more than provisional answers (Timer C)', () => {
    const record = { ...sampleRecord(), id: context.mint('t'), tag: 't', open: [] };
    Object.assign(record.legs[1], { listener: 'trunk', transport: 'UDP', routeSet: [] });
    record.legs[1].remoteTarget = 'sip:bob@192.0.2.20:5070';
    context.calls.add({ record });
    engine.receive(callersRequest(record, { method: 'INVITE', cseq: 200, branch: 'c' }), CALLER);
    const invite = sent.find(({ text }) => text.startsWith('INVITE'))?.text ?? '';
    const trying = invite.replace(/^INVITE .*\r\n/, 'SIP/2.0 100 Trying\r\n');
    engine.receive(trying, { ...CALLER, listener: 'trunk' });
    sent = [];

    jest.advanceTimersByTime(189_000);
    expect(lines()).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(lines()[0]).toMatch(/^CANCEL sip:bob@192.0.2.20/);
    expect(context.transactions.count).toBeGreaterThan(0);
    jest.advanceTimersByTime(33_000);
    expect(lines()).toContainEqual(expect.stringContaining('SIP/2.0 408'));
    jest.advanceTimersByTime(70_000);
    expect(context.transactions.count).toBe(0);
  });

  it('trace 15: takes along the record of a call that this pod took in isolation, and the owner learns it first', () => {
    const record = { ...sampleRecord(), id: context.mint('t'), tag: 't' };
    const learnt: string[] = [];
    context.calls.add({ record });
    owner = 'b';
    engine.receive(byeTo(`${record.id}a`), CALLER);
    const [handed] = toPods;
    if (handed === undefined) throw new Error('nothing was handed on');

    // The owner's side: the record is merged before the message is looked at.
    const atOwner = newContext({
      ...CONTEXT,
      mesh: {
        ...mesh,
        ownerOf: () => ({ pod: 'a', epoch: 2 }),
        isReady: () => true,
        merge: ({ id, bytes }) => {
          const copy = decodeRecord(bytes);
          if (copy === undefined) throw new Error('no record');
          learnt.push(id);
          atOwner.calls.add({ record: copy });
        },
      },
      metrics: new ProxyMetrics(),
      log: newLogger('error', {}),
      send: (flow, text) => sent.push({ flow, text }),
      receive: () => undefined,
    });
    new CallEngine(atOwner, new Rehoming(atOwner), NOBODY).receivePayload('a', handed.payload);
    expect(learnt).toEqual([record.id]);
    expect(atOwner.calls.get(record.id)?.record.legs[0].callId).toBe(record.legs[0].callId);
  });
});
