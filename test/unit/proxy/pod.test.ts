import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ProxyConfig } from '../../../src/api/proxy-config.ts';
import type { HandOver } from '../../../src/proxy/calls/handovers.ts';
import type { MeshPort } from '../../../src/proxy/calls/mesh-port.ts';
import { TokenKeys } from '../../../src/proxy/calls/token-keys.ts';
import type { Flow } from '../../../src/proxy/flow.ts';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';
import { Pod } from '../../../src/proxy/pod.ts';
import { newLogger } from '../../../src/runtime/logger.ts';
import { parseMessage, SipMessage } from '../../../src/sip/index.ts';

/** Longer than between two looks at what is held. */
const LOOKS_MS = 200;
const CONFIG = {
  pod: 'a',
  shards: ['t'],
  shardGroups: {},
  listeners: [],
  routes: [],
  targets: [],
  rehoming: { method: 'Reinvite', legsPerSecond: 10, perPeer: { legsPerSecond: 5, maxInFlight: 2 } },
  sip: { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 },
  limits: { maxDialogs: 10, heldMessages: 10 },
} as unknown as ProxyConfig;

let metrics: ProxyMetrics;
let pod: Pod;

beforeEach(() => {
  jest.useFakeTimers();
  metrics = new ProxyMetrics();
  const broken = (): never => {
    throw new Error('injected');
  };
  const mesh = { ownerOf: broken, ownedTags: () => [] } as unknown as MeshPort & HandOver;
  pod = new Pod(CONFIG, mesh, {
    log: newLogger('silent', {}),
    metrics,
    tokenKeys: new TokenKeys([{ id: 'key', secret: 'key' }]),
    changed: () => undefined,
  });
});

afterEach(() => {
  jest.useRealTimers();
});

async function errors(): Promise<number> {
  const { values } = await metrics.drops.get();
  return values.find(({ labels }) => labels.reason === 'internal_error')?.value ?? 0;
}

it('survives what it cannot act on, and the mesh that told it goes on with what waits behind it', async () => {
  pod.onMesh({ kind: 'owner', tag: 't', owner: { epoch: 2, pod: 'b', boot: 'x' } });
  expect(await errors()).toBe(1);
});

it('goes on looking at what it holds though one of these met an error', async () => {
  const message = parseMessage(
    'INFO sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n' +
      'To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INFO\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n',
  );
  if (!(message instanceof SipMessage)) throw new Error('no SIP');
  jest.spyOn(pod.context.transactions, 'receiveRequest').mockImplementation(() => {
    throw new Error('injected');
  });
  const flow: Flow = { listener: 'public', transport: 'UDP', address: '192.0.2.1', port: 5060 };
  await pod.start();
  for (const count of [1, 2]) {
    pod.context.held.hold('t', { message, flow }, pod.context.monotonicMs());
    jest.advanceTimersByTime(LOOKS_MS);
    expect(await errors()).toBe(count);
  }
  await pod.stop();
});
