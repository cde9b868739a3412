import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import type { SipClusterSpec } from '../../src/api/sip-cluster-type.ts';
import { networkPolicy } from '../../src/reconcile/network.ts';
import { podObject } from '../../src/reconcile/pod-template.ts';
import { HELM, objectsIn, outputOf, runTool, type Rendered } from './chart-tools.ts';
import {
  isLetIn,
  isSelected,
  type IngressPolicy,
  type LabelSelector,
  type Party,
  type PortText,
  type Reached,
} from './network-policy-matcher.ts';

const SYSTEM = 'rehome-system';
const SIP = 'telephony';
const EDGE = { name: 'edge', namespace: SIP, uid: '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0' };

// Programs take their time where others run too.
jest.setTimeout(120_000);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehome-chart-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function rendered(
  chart: 'rehome-operator' | 'rehome-cluster',
  values: object = {},
): Promise<Rendered[]> {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const namespace = chart === 'rehome-operator' ? SYSTEM : SIP;
  const args = ['template', 'edge', `helm/${chart}`, '-n', namespace, '-f', file];
  return objectsIn(await outputOf(runTool(HELM, args)));
}

function only(objects: readonly Rendered[], kind: string): Rendered {
  const [found, ...more] = objects.filter((object) => object.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`not one ${kind}`);
  return found;
}

function specOf(written: object): SipClusterSpec {
  const listeners = [
    { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
    { name: 'internal', transports: ['UDP'], port: 5070 },
  ];
  const parsed = parseSipClusterSpec({ listeners, ...written });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

interface PodLike {
  metadata: { labels?: Record<string, string> };
  spec: { containers: { ports: Reached['ports'] }[] };
}

function reached({ metadata, spec }: PodLike, namespace: string): Reached {
  return { namespace, labels: metadata.labels ?? {}, ports: spec.containers[0]?.ports ?? [] };
}

/** A pod as the operator makes it for a spec. */
function proxy(spec: SipClusterSpec, name: string, metadata = EDGE): Reached {
  const pod = podObject({ metadata, spec, templateHash: 'abc' }, name) as unknown as PodLike;
  return reached(pod, metadata.namespace);
}

/** A pod of the chart's Deployment. */
function operatorOf(objects: readonly Rendered[]): Reached {
  const { template } = only(objects, 'Deployment').spec as { template: PodLike };
  return reached(template, SYSTEM);
}

function policiesOf(objects: readonly Rendered[]): IngressPolicy[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as IngressPolicy[];
}

function asParty({ namespace, labels }: Reached): Party {
  return { address: '10.244.1.9', pod: { namespace, labels } };
}

const OUTSIDE: Party = { address: '203.0.113.5' };
const STRANGER: Party = { address: '10.244.3.3', pod: { namespace: SIP, labels: { app: 'web' } } };

describe('the NetworkPolicy of a cluster', () => {
  const ports: PortText[] = ['5060/UDP', '5060/TCP', '5070/UDP', '5070/TCP', '7946/TCP', '7946/UDP'];
  const all: PortText[] = [...ports, '7947/TCP', '9090/TCP', '22/TCP'];
  const spec = specOf({});
  const policies = [networkPolicy(EDGE, spec) as unknown as IngressPolicy];
  const openTo = (from: Party): PortText[] =>
    all.filter((port) => isLetIn(policies, from, { to: proxy(spec, 'edge-0'), port }));
  const anybody = ['5060/UDP', '5060/TCP', '5070/UDP', '9090/TCP'];

  test.each<[string, Party]>([
    ['an endpoint outside', OUTSIDE],
    ['another pod of the namespace', STRANGER],
    ['a pod of another cluster', asParty(proxy(spec, 'core-0', { ...EDGE, name: 'core' }))],
    [
      'a pod of a cluster of that name elsewhere',
      asParty(proxy(spec, 'edge-1', { ...EDGE, namespace: 'other' })),
    ],
  ])('lets %s into the listeners, health and metrics only', (_who, from) => {
    expect(openTo(from)).toEqual(anybody);
  });

  test('lets the pods of the cluster into the mesh, and not into the control API', () => {
    expect(openTo(asParty(proxy(spec, 'edge-1')))).toEqual([
      ...['5060/UDP', '5060/TCP', '5070/UDP', '7946/TCP', '7946/UDP', '9090/TCP'],
    ]);
  });

  test('lets an operator into the mesh and the control API, whatever its release is called', async () => {
    const from = asParty(operatorOf(await rendered('rehome-operator', { nameOverride: 'other' })));
    expect(openTo(from)).toEqual([
      ...['5060/UDP', '5060/TCP', '5070/UDP', '7946/TCP', '7946/UDP', '7947/TCP', '9090/TCP'],
    ]);
  });

  test('knows the ports of pods that share an address', () => {
    const shifted = specOf({ portStep: 100 });
    const stepped = [networkPolicy(EDGE, shifted) as unknown as IngressPolicy];
    const to = proxy(shifted, 'edge-2');
    const isOpen = (from: Party, port: PortText): boolean => isLetIn(stepped, from, { to, port });
    expect(['5260/UDP', '9290/TCP'].map((port) => isOpen(OUTSIDE, port as PortText))).toEqual([true, true]);
    expect(['5060/UDP', '8146/TCP'].map((port) => isOpen(OUTSIDE, port as PortText))).toEqual([false, false]);
    expect(isOpen(asParty(proxy(shifted, 'edge-1')), '8146/UDP')).toBe(true);
  });
});

describe('the NetworkPolicy of the operator', () => {
  const voter = asParty(proxy(specOf({}), 'edge-0'));

  async function openTo(values: object): Promise<(from: Party, ...ports: PortText[]) => boolean[]> {
    const objects = await rendered('rehome-operator', values);
    const [policies, to] = [policiesOf(objects), operatorOf(objects)];
    return (from, ...ports) => ports.map((port) => isLetIn(policies, from, { to, port }));
  }

  test('lets pods of clusters vote, and anybody read health and metrics', async () => {
    const isOpen = await openTo({});
    expect(isOpen(voter, '7946/TCP', '7946/UDP', '8045/UDP', '8046/UDP')).toEqual([true, true, true, false]);
    for (const from of [STRANGER, OUTSIDE])
      expect(isOpen(from, '7946/TCP', '7946/UDP', '9090/TCP')).toEqual([false, false, true]);
  });

  test('of one namespace lets in no cluster of another', async () => {
    const isOpen = await openTo({ watchNamespace: 'elsewhere' });
    expect(isOpen(voter, '7946/UDP')).toEqual([false]);
    const theirs = proxy(specOf({}), 'edge-0', { ...EDGE, namespace: 'elsewhere' });
    expect(isOpen(asParty(theirs), '7946/UDP')).toEqual([true]);
  });

  test('with httpFrom lets nobody else read metrics, but the pod of helm test', async () => {
    const monitoring = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } };
    const values = { networkPolicy: { httpFrom: [{ namespaceSelector: monitoring }] } };
    const isOpen = await openTo(values);
    const scraper = { address: '10.244.2.2', pod: { namespace: 'monitoring', labels: {} } };
    expect([isOpen(scraper, '9090/TCP'), isOpen(STRANGER, '9090/TCP')]).toEqual([[true], [false]]);
    const { metadata } = only(await rendered('rehome-operator', values), 'Pod');
    const tester = { address: '10.244.2.3', pod: { namespace: SYSTEM, labels: metadata.labels ?? {} } };
    expect(isOpen(tester, '9090/TCP', '7946/TCP')).toEqual([true, false]);
  });

  test("with voteFrom lets in proxies of the nodes' network", async () => {
    const isOpen = await openTo({ networkPolicy: { voteFrom: [{ ipBlock: { cidr: '10.0.0.0/24' } }] } });
    expect(isOpen({ address: '10.0.0.7' }, '7946/UDP')).toEqual([true]);
    expect(isOpen({ address: '10.0.1.7' }, '7946/UDP')).toEqual([false]);
  });

  test('is not there if it is switched off', async () => {
    const isOpen = await openTo({ networkPolicy: { enabled: false } });
    expect(isOpen(STRANGER, '7946/UDP')).toEqual([true]);
  });
});

describe('the PodMonitor', () => {
  interface Monitor {
    selector: LabelSelector;
    podMetricsEndpoints: { port: string; path: string }[];
  }

  test.each([
    ['rehome-operator', (objects: readonly Rendered[]): Reached => operatorOf(objects)],
    ['rehome-cluster', (): Reached => proxy(specOf({ portStep: 100 }), 'edge-1')],
  ] as const)('of %s selects its pods and names the port of their metrics', async (chart, podOf) => {
    const objects = await rendered(chart, { podMonitor: { enabled: true } });
    const { selector, podMetricsEndpoints } = only(objects, 'PodMonitor').spec as Monitor;
    const { labels, ports } = podOf(objects);
    expect(isSelected(selector, labels)).toBe(true);
    expect(podMetricsEndpoints).toEqual([expect.objectContaining({ port: 'http', path: '/metrics' })]);
    expect(ports.map(({ name }) => name)).toContain('http');
    // Not the pods of `helm test`, which end.
    const tests = objects.filter(({ kind }) => kind === 'Pod');
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(({ metadata }) => isSelected(selector, metadata.labels ?? {}))).toEqual([]);
  });
});
