import { describe, expect, it } from '@jest/globals';
import { parseProxyConfig } from '../../../src/api/proxy-config.ts';
import { expandEnvironment } from '../../../src/api/proxy-config-environment.ts';
import type { SipClusterSpec } from '../../../src/api/sip-cluster-type.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { configMap, type StartTag } from '../../../src/reconcile/config-map.ts';
import { podObject, templateHash } from '../../../src/reconcile/pod-template.ts';

const METADATA = { name: 'edge', namespace: 'sip', uid: 'cluster-uid' };
const ENVIRONMENT = {
  POD_NAME: 'edge-0',
  POD_UID: '12345678-aaaa',
  POD_IP: '10.0.0.7',
  NODE_NAME: 'n1',
  HOST_IP: '192.0.2.1',
  PORT_OFFSET: '0',
  ADVERTISE_INTERNAL: '198.51.100.9',
};

function specOf(written: Record<string, unknown> = {}): SipClusterSpec {
  const parsed = parseSipClusterSpec({
    listeners: [
      { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
      { name: 'internal', port: 5070 },
    ],
    routes: [{ from: 'public', to: 'media', via: 'internal', shardGroup: 'gold' }],
    targets: [{ name: 'media', addresses: ['10.0.3.10:5060', '10.0.3.11:5061;transport=tcp'] }],
    ...written,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** The config that a pod of that name reads. */
function configOf(
  spec: SipClusterSpec,
  key = 'config.yaml',
  tags: readonly StartTag[] = [],
): ReturnType<typeof parseProxyConfig> {
  const text = configMap(METADATA, spec, tags).data[key] ?? '';
  const { document, problems } = expandEnvironment(JSON.parse(text), ENVIRONMENT);
  expect(problems).toEqual([]);
  return parseProxyConfig(document);
}

function podOf(spec: SipClusterSpec, name = 'edge-0'): Pod {
  return podObject({ metadata: METADATA, spec, templateHash: templateHash(spec) }, name) as unknown as Pod;
}

describe('the config of pods', () => {
  it('is one that pods take', () => {
    expect(configOf(specOf({ failover: { suspectAfter: '2s' }, sip: { t1: '100ms' } }))).toMatchObject({
      ok: true,
      value: {
        pod: 'edge-0.12345678',
        managed: true,
        mesh: { bind: { address: '10.0.0.7', port: 7946 }, keyFile: '/etc/rehome/keys/mesh' },
        control: { bind: { address: '10.0.0.7', port: 7947 } },
        listeners: [
          { name: 'public', bind: '10.0.0.7', port: 5060, advertise: { address: '10.0.0.7', port: 5060 } },
          { name: 'internal', port: 5070 },
        ],
        routes: [{ shardGroup: 'gold' }],
        targets: [{ addresses: [{ port: 5060 }, { port: 5061, transport: 'TCP' }] }],
        failover: { suspectAfterMs: 2000 },
        sip: { t1Ms: 100 },
      },
    });
  });

  it('advertises what the listener says', () => {
    const spec = specOf({
      listeners: [
        { name: 'public', advertise: { from: 'HostIP', port: 15060 } },
        {
          name: 'internal',
          port: 5070,
          advertise: { from: 'Annotation', annotation: 'example.com/address' },
        },
      ],
    });
    expect(configOf(spec)).toMatchObject({
      value: {
        listeners: [
          { advertise: { address: '192.0.2.1', port: 15060 } },
          { advertise: { address: '198.51.100.9', port: 5070 } },
        ],
      },
    });
    const env = podOf(spec).spec.containers[0]?.env;
    const fieldPath = "metadata.annotations['example.com/address']";
    expect(env).toContainEqual({ name: 'ADVERTISE_INTERNAL', valueFrom: { fieldRef: { fieldPath } } });
  });

  it('names the sharing tags and their groups', () => {
    const tags = [
      { tag: 'edge-00', group: '' },
      { tag: 'gold', group: 'vip' },
    ];
    expect(configOf(specOf(), 'config.yaml', tags)).toMatchObject({
      ok: true,
      value: { shards: ['edge-00', 'gold'], shardGroups: { gold: 'vip' } },
    });
  });

  it('is one for each pod where a map gives pods addresses of their own', () => {
    const map = { 'edge-0': '203.0.113.5:5060', 'edge-1': '203.0.113.5:5062' };
    const spec = specOf({
      replicas: 2,
      rollout: { maxSurge: 0 },
      listeners: [{ name: 'public', advertise: { from: 'Map', map } }],
      routes: [],
    });
    expect(configOf(spec, 'edge-1.yaml')).toMatchObject({
      value: { listeners: [{ advertise: { address: '203.0.113.5', port: 5062 } }] },
    });
    expect(podOf(spec, 'edge-1').spec.containers[0]?.args).toContain('/etc/rehome/edge-1.yaml');
  });
});

describe('a pod', () => {
  const pod = podOf(specOf({ podTemplate: { labels: { team: 'voice' } } }));

  it('belongs to its cluster and says what it was made from', () => {
    expect(pod.metadata).toMatchObject({
      name: 'edge-0',
      namespace: 'sip',
      labels: { team: 'voice', 'sip.rehome.dev/cluster': 'edge', 'sip.rehome.dev/pod': 'edge-0' },
      ownerReferences: [{ kind: 'SipCluster', name: 'edge', uid: 'cluster-uid', controller: true }],
    });
    expect(pod.metadata.annotations?.['sip.rehome.dev/template-hash']).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has time to take new calls, hand over, let ring out, relay and end', () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBe(3 + 10 + 60 + 32 + 8);
  });
});

describe('the template hash', () => {
  it('stays when only routes, targets, pacing, pods or copies change', () => {
    const same = [
      { replicas: 5 },
      { shards: 20 },
      { routes: [], targets: [] },
      { rehoming: { legsPerSecond: 1 } },
      { replicas: 3, replication: { factor: 1 } },
      { failover: { unreadyAfter: '1m' } },
    ];
    for (const change of same) expect(templateHash(specOf(change))).toBe(templateHash(specOf()));
  });

  it('changes with what a process reads at its start', () => {
    const others = [
      { image: 'rehome:other' },
      { nodeSelector: { disk: 'ssd' } },
      { podTemplate: { labels: { team: 'voice' } } },
      { failover: { suspectAfter: '3s' } },
      { log: { level: 'debug' } },
    ];
    const hashes = others.map((change) => templateHash(specOf(change)));
    expect(new Set([...hashes, templateHash(specOf())]).size).toBe(others.length + 1);
  });
});
