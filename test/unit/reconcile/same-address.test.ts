import { describe, expect, test } from '@jest/globals';
import { expandEnvironment } from '../../../src/api/proxy-config-environment.ts';
import { parseProxyConfig, type ProxyConfig } from '../../../src/api/proxy-config.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { SipClusterSpec } from '../../../src/api/sip-cluster-type.ts';
import type { Container, Pod } from '../../../src/kube/objects.ts';
import { configKeyOf, configMap } from '../../../src/reconcile/config-map.ts';
import { podObject } from '../../../src/reconcile/pod-template.ts';
import { templateHash } from '../../../src/reconcile/template-hash.ts';
import { viewPods } from '../../../src/reconcile/pod-view.ts';

const METADATA = { name: 'edge', namespace: 'default', uid: '1' };
const ADDRESS = '192.0.2.7';

function specOf(changes: Record<string, unknown>): SipClusterSpec {
  const listeners = [
    { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
    { name: 'internal', port: 5070, advertise: { port: 5071 } },
  ];
  const parsed = parseSipClusterSpec({ replicas: 2, listeners, ...changes });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function podOf(spec: SipClusterSpec, name: string): { pod: Pod; container: Container } {
  const owner = { metadata: METADATA, spec, templateHash: templateHash(spec) };
  const pod = podObject(owner, name) as unknown as Pod;
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error('no container');
  return { pod, container };
}

/** The config of a pod as its process reads it. */
function configOf(spec: SipClusterSpec, name: string): ProxyConfig {
  const given = podOf(spec, name).container.env ?? [];
  const texts = Object.fromEntries(
    given.flatMap((each) => (each.value === undefined ? [] : [[each.name, each.value]])),
  );
  const fields = {
    POD_NAME: name,
    POD_UID: '0b1c2d3e-4f50',
    POD_IP: ADDRESS,
    NODE_NAME: 'n1',
    HOST_IP: ADDRESS,
  };
  const text = configMap(METADATA, spec, []).data[configKeyOf(spec, name)] ?? '';
  const { document, problems } = expandEnvironment(JSON.parse(text), { ...fields, ...texts });
  expect(problems).toEqual([]);
  const parsed = parseProxyConfig(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function ownPorts({ listeners, mesh, control, http }: ProxyConfig): number[] {
  return [
    ...listeners.flatMap(({ port, transports }) => transports.map(() => port)),
    ...[mesh.bind.port, mesh.bind.port, control?.bind.port ?? 0, http.bind.port],
  ];
}

describe('pods that share an address', () => {
  const spec = specOf({ hostNetwork: true, portStep: 100 });

  test.each([0, 1, 2])('pod %i listens where its object says', (ordinal) => {
    const name = `edge-${String(ordinal)}`;
    const { container } = podOf(spec, name);
    const config = configOf(spec, name);
    expect(container.ports?.map(({ containerPort }) => containerPort)).toEqual(ownPorts(config));
    expect(container.readinessProbe?.httpGet.port).toBe(config.http.bind.port);
    expect(container.livenessProbe?.httpGet.port).toBe(config.http.bind.port);
    expect(ownPorts(config)[0]).toBe(5060 + 100 * ordinal);
  });

  test('tell endpoints their own port, or the one that the spec names', () => {
    expect(configOf(spec, 'edge-1').listeners.map(({ advertise }) => advertise)).toEqual([
      { address: ADDRESS, port: 5160 },
      { address: ADDRESS, port: 5071 },
    ]);
  });

  test('take the port of a map where it has one', () => {
    const map = { 'edge-0': '203.0.113.1', 'edge-1': '203.0.113.1:6000' };
    const listeners = [{ name: 'public', port: 5060, advertise: { from: 'Map', map } }];
    const mapped = specOf({ listeners, portStep: 10 });
    expect(['edge-0', 'edge-1'].map((name) => configOf(mapped, name).listeners[0])).toMatchObject([
      { port: 5060, advertise: { address: '203.0.113.1', port: 5060 } },
      { port: 5070, advertise: { address: '203.0.113.1', port: 6000 } },
    ]);
  });

  test('are found by their peers at the shifted port', () => {
    const observed = {
      ...{ nodeName: 'n1', podIP: ADDRESS, phase: 'Running' as const, ready: true, readySinceMs: 0 },
      ...{ restarts: 0, ended: false, report: undefined, reportedAtMs: 0, unreachableSinceMs: undefined },
      sentState: '',
    };
    const pods = viewPods(
      'edge',
      [
        { ...observed, metadata: { name: 'edge-0', uid: 'a' } },
        { ...observed, metadata: { name: 'edge-1', uid: 'b' }, meshPort: 8046 },
        { ...observed, metadata: { name: 'edge-2', uid: 'c' }, podIP: '', meshPort: 8146 },
      ],
      [],
    );
    expect(pods.map(({ mesh }) => mesh)).toEqual([`${ADDRESS}:7946`, `${ADDRESS}:8046`, '']);
  });

  test('are made anew when the step or the network changes', () => {
    const hashes = [{}, { portStep: 100 }, { hostNetwork: true }].map((changes) =>
      templateHash(specOf(changes)),
    );
    expect(new Set(hashes).size).toBe(3);
    expect(podOf(specOf({}), 'edge-1').pod.spec.hostNetwork).toBeUndefined();
    expect(podOf(spec, 'edge-1').pod.spec).toMatchObject({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
    });
  });
});
