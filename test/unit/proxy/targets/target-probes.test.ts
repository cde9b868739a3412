import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ProxyConfig, TargetAddress } from '../../../../src/api/proxy-config.ts';
import { Listeners } from '../../../../src/proxy/listeners.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { TargetProbes } from '../../../../src/proxy/targets/target-probes.ts';
import { Transactions } from '../../../../src/proxy/transactions.ts';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { TimingWheel } from '../../../../src/runtime/timing-wheel.ts';
import { buildResponse, H, parseMessage, SipMessage } from '../../../../src/sip/index.ts';
import { VirtualClock } from '../../kube/virtual-clock.ts';

const FIRST: TargetAddress = { address: '10.0.0.1', port: 5060, transport: 'UDP' };
const SECOND: TargetAddress = { address: '10.0.0.2', port: 5060, transport: 'UDP' };
const PROBE = { intervalSeconds: 5, timeoutSeconds: 2, failureThreshold: 2, successThreshold: 1 };
const LISTENERS = [
  { name: 'public', transports: ['UDP'], advertise: { address: '203.0.113.1', port: 5060 } },
  { name: 'trunk', transports: ['UDP', 'TCP'], advertise: { address: '192.0.2.1', port: 5070 } },
] as unknown as ProxyConfig['listeners'];
const ROUTES = [{ from: 'public', to: 'pbx', via: 'trunk' }];

type Target = ProxyConfig['targets'][number];

const PBX: Target = { name: 'pbx', addresses: [FIRST, SECOND], probe: PROBE };

let clock: VirtualClock;
let wheel: TimingWheel;
let transactions: Transactions;
let metrics: ProxyMetrics;
let probes: TargetProbes;
let sent: { flow: Flow; text: string; atMs: number }[];
/** What each address answers; nothing if it is not here. */
let answers: Map<string, number>;

function answer(flow: Flow, text: string): void {
  const request = parseMessage(text);
  const status = answers.get(flow.address);
  if (status === undefined || !(request instanceof SipMessage)) return;
  const response = parseMessage(buildResponse(request, status, { toTag: 'x' }));
  if (response instanceof SipMessage) transactions.receiveResponse(response);
}

beforeEach(() => {
  clock = new VirtualClock();
  wheel = new TimingWheel(clock);
  metrics = new ProxyMetrics();
  sent = [];
  answers = new Map([
    [FIRST.address, 200],
    [SECOND.address, 200],
  ]);
  const nowMs = (): number => clock.nowMs();
  const send = (flow: Flow, text: string): void => {
    sent.push({ flow, text, atMs: nowMs() });
    wheel.set(10, () => {
      answer(flow, text);
    });
  };
  transactions = new Transactions(wheel, { t1: 500, t2: 4000, t4: 5000 }, send, nowMs);
  let branches = 0;
  probes = new TargetProbes({
    ...{ wheel, transactions, metrics },
    listeners: new Listeners({ listeners: LISTENERS }),
    random: { hex: (digits) => 'a'.repeat(digits), next: () => 0.5 },
    newBranch: () => `z9hG4bK${String(++branches)}`,
    monotonicMs: nowMs,
    log: newLogger('error', {}),
  });
});

/** The addresses of the target as they are tried now. */
function order(): string[] {
  return probes.inOrder('pbx', [FIRST, SECOND], 'a@b').map(({ address }) => address);
}

async function shown(): Promise<Record<string, number>> {
  const { values } = await metrics.targetUp.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.address), value]));
}

describe('probes of a target', () => {
  it('ask each address by the listener that the route sends by, as RFC 3261 §11.1 has it', async () => {
    probes.replace({ routes: ROUTES, targets: [PBX] });
    await clock.advance(1_000);
    expect(sent.map(({ flow }) => [flow.listener, flow.address])).toEqual([
      ['trunk', '10.0.0.1'],
      ['trunk', '10.0.0.2'],
    ]);
    const request = parseMessage(sent[0]?.text ?? '') as SipMessage;
    expect(request.method).toBe('OPTIONS');
    expect(request.requestUri).toBe('sip:10.0.0.1:5060');
    expect(request.get(H.MaxForwards)).toBe('70');
    expect(request.get(H.Contact)).toBe('<sip:192.0.2.1:5070>');
    expect(request.get(H.Via)).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.1:5070;branch=z9hG4bK/);
    await clock.advance(10_000);
    const times = sent.filter(({ flow }) => flow.address === FIRST.address).map(({ atMs }) => atMs);
    expect(times).toHaveLength(3);
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('put an address that fails often enough last, and back when it answers', async () => {
    probes.replace({ routes: ROUTES, targets: [PBX] });
    answers.delete(FIRST.address);
    await clock.advance(5_000);
    expect(order()).toEqual(['10.0.0.1', '10.0.0.2']);
    await clock.advance(5_000);
    expect(order()).toEqual(['10.0.0.2', '10.0.0.1']);
    expect(await shown()).toEqual({ '10.0.0.1:5060': 0, '10.0.0.2:5060': 1 });
    answers.set(FIRST.address, 404);
    await clock.advance(6_000);
    expect(order()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await shown()).toEqual({ '10.0.0.1:5060': 1, '10.0.0.2:5060': 1 });
  });

  it.each([
    [200, 1],
    [405, 1],
    [500, 1],
    [503, 0],
    [408, 0],
  ])('take %i for up = %i', async (status, up) => {
    answers.set(FIRST.address, status);
    probes.replace({ routes: ROUTES, targets: [PBX] });
    await clock.advance(10_000);
    expect(await shown()).toEqual({ '10.0.0.1:5060': up, '10.0.0.2:5060': 1 });
  });

  it('begin with what was told already, whatever the config says', async () => {
    const told = { ...PBX, addresses: [SECOND] };
    probes.replace({ routes: ROUTES, targets: [told] });
    probes.begin({ routes: ROUTES, targets: [PBX] });
    expect(await shown()).toEqual({ '10.0.0.2:5060': 1 });
  });

  it('begin with the config where nothing was told', async () => {
    probes.begin({ routes: ROUTES, targets: [PBX] });
    expect(Object.keys(await shown())).toHaveLength(2);
  });

  it('try all addresses in order when all are down', async () => {
    answers.clear();
    probes.replace({ routes: ROUTES, targets: [PBX] });
    await clock.advance(10_000);
    expect(await shown()).toEqual({ '10.0.0.1:5060': 0, '10.0.0.2:5060': 0 });
    expect(order()).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('keep what is known of an address when the targets change, and forget one that is gone', async () => {
    answers.delete(FIRST.address);
    probes.replace({ routes: ROUTES, targets: [PBX] });
    await clock.advance(10_000);
    const third: TargetAddress = { address: '10.0.0.3', port: 5060, transport: 'UDP' };
    const probe = { ...PROBE, intervalSeconds: 60 };
    probes.replace({ routes: ROUTES, targets: [{ name: 'pbx', addresses: [FIRST, third], probe }] });
    expect(order()).toEqual(['10.0.0.2', '10.0.0.1']);
    expect(await shown()).toEqual({ '10.0.0.1:5060': 0, '10.0.0.3:5060': 1 });
    sent = [];
    await clock.advance(59_000);
    expect(sent.filter(({ flow }) => flow.address === SECOND.address)).toEqual([]);
    probes.replace({ routes: ROUTES, targets: [{ name: 'pbx', addresses: [FIRST, third] }] });
    expect(order()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await shown()).toEqual({});
  });

  it('are not sent where no route leads by a listener with the transport', async () => {
    const tcp: TargetAddress = { ...FIRST, transport: 'TCP' };
    const routes = [
      { from: 'trunk', to: 'pbx', via: 'public' },
      { from: 'public', to: 'pbx', via: 'trunk' },
    ];
    const stray: Target = { name: 'stray', addresses: [SECOND], probe: PROBE };
    probes.replace({ routes, targets: [{ ...PBX, addresses: [tcp] }, stray] });
    await clock.advance(1_000);
    expect(sent.map(({ flow }) => `${flow.listener} ${flow.transport}`)).toEqual(['trunk TCP']);
    probes.replace({ routes: routes.slice(0, 1), targets: [{ ...PBX, addresses: [tcp] }] });
    expect(wheel.size).toBeLessThanOrEqual(1);
  });

  it('leave no timer and no transaction when they stop', async () => {
    answers.delete(FIRST.address);
    probes.replace({ routes: ROUTES, targets: [PBX] });
    await clock.advance(1_500);
    expect(transactions.count).toBeGreaterThan(0);
    probes.stop();
    await clock.advance(6_000);
    expect([transactions.count, wheel.size]).toEqual([0, 0]);
    const count = sent.length;
    await clock.advance(60_000);
    expect(sent).toHaveLength(count);
  });

  it('hold no more than one question to an address, however slow it is', async () => {
    answers.clear();
    probes.replace({ routes: ROUTES, targets: [{ ...PBX, probe: { ...PROBE, intervalSeconds: 1 } }] });
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      expect(transactions.count).toBeLessThanOrEqual(2);
    }
  });
});

describe('a target whose calls are spread', () => {
  it('begins its list where the Call-ID says, also without probes, and with those that are down last', async () => {
    const addresses = [FIRST, SECOND];
    const first = (callId: string): string => probes.inOrder('pbx', addresses, callId)[0]?.address ?? '';
    const callIds = Array.from({ length: 20 }, (_, call) => `${String(call)}@192.0.2.9`);
    probes.replace({ routes: ROUTES, targets: [{ name: 'pbx', addresses, balance: 'CallId' }] });
    expect(new Set(callIds.map(first)).size).toBe(2);
    probes.replace({ routes: ROUTES, targets: [{ ...PBX, balance: 'CallId' }] });
    answers.delete(FIRST.address);
    await clock.advance(60_000);
    expect(new Set(callIds.map(first))).toEqual(new Set([SECOND.address]));
  });
});
