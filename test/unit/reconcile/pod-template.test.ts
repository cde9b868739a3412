import { describe, expect, it } from '@jest/globals';
import { parseProxyConfig } from '../../../src/api/proxy-config.ts';
import { expandEnvironment } from '../../../src/api/proxy-config-environment.ts';
import type { SipClusterSpec } from '../../../src/api/sip-cluster-type.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { configMap, type StartTag } from '../../../src/reconcile/config-map.ts';
import { podObject } from '../../../src/reconcile/pod-template.ts';
import { templateHash } from '../../../src/reconcile/template-hash.ts';

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

  it('has time to take new calls, hand over, let ring out, relay and end, and to wait where nobody takes its calls', () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBe(3 + 10 + 60 + 32 + 8 + 30);
    expect(podOf(specOf({ deletionWait: '90s' })).spec.terminationGracePeriodSeconds).toBe(113 + 90);
  });

  it('may be evicted by the cluster autoscaler, has no token and is what Pod Security restricted wants', () => {
    expect(pod.metadata.annotations).toMatchObject({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true',
    });
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });

  it('carries what the template says, in the words of Kubernetes', () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
    const spread = {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
    };
    const written = {
      podTemplate: {
        ...{
          affinity,
          topologySpreadConstraints: [spread],
          tolerations: [{ key: 'sip', operator: 'Exists' }],
        },
        ...{ priorityClassName: 'voice', serviceAccountName: 'pods', imagePullPolicy: 'Always' },
        ...{ imagePullSecrets: ['pull'], resources: { requests: { cpu: '100m' } } },
        env: [
          { name: 'NODE_OPTIONS', value: '--max-old-space-size=400' },
          { name: 'POD_IP', value: 'mine' },
        ],
        securityContext: { runAsUser: 2000 },
        containerSecurityContext: { privileged: true },
      },
      listeners: [{ name: 'public', port: 5060, hostPort: true }],
      routes: [],
    };
    const { spec } = podOf(specOf(written));
    expect(spec).toMatchObject({
      ...{ affinity, tolerations: [{ key: 'sip', operator: 'Exists' }] },
      ...{ priorityClassName: 'voice', serviceAccountName: 'pods', imagePullSecrets: [{ name: 'pull' }] },
      topologySpreadConstraints: [
        { ...spread, labelSelector: { matchLabels: { 'sip.rehome.dev/cluster': 'edge' } } },
      ],
      securityContext: { runAsUser: 2000 },
    });
    const [container] = spec.containers;
    expect(container).toMatchObject({
      ...{ imagePullPolicy: 'Always', resources: { requests: { cpu: '100m' } } },
      securityContext: { privileged: true },
    });
    expect(container?.ports).toContainEqual({
      ...{ name: 'public-udp', containerPort: 5060, hostPort: 5060, protocol: 'UDP' },
    });
    expect(container?.env).toContainEqual({ name: 'NODE_OPTIONS', value: '--max-old-space-size=400' });
    // The config is made with those of the operator.
    expect(container?.env?.filter(({ name }) => name === 'POD_IP')).toHaveLength(1);
    expect(container?.env).not.toContainEqual({ name: 'POD_IP', value: 'mine' });
  });

  it('names ports so that Kubernetes takes them, whatever listeners are called', () => {
    const spec = specOf({
      listeners: [
        { name: 'From_Carriers.of-the-north' },
        { name: 'b--c', port: 5070 },
        { name: '9', port: 5080 },
      ],
      routes: [],
    });
    const names = (podOf(spec).spec.containers[0]?.ports ?? []).map(({ name = '' }) => name);
    for (const name of names) expect(name).toMatch(/^(?=.{1,15}$)[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(new Set(names).size).toBe(7);
  });

  it('mounts the keys of mesh and tokens and the credentials of targets', () => {
    const credentials = { secretName: 'trunk' };
    const spec = specOf({
      keys: { meshSecret: 'own-mesh' },
      targets: [{ name: 'media', addresses: ['10.0.3.10'], credentials }],
    });
    const { volumes, containers } = podOf(spec).spec;
    const secrets = volumes?.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets).toEqual(['own-mesh', 'edge-tokens', 'trunk']);
    const paths = containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath);
    expect(paths).toContain('/etc/rehome/credentials/trunk');
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
      { service: { type: 'LoadBalancer' }, networkPolicy: { enabled: false }, keys: { rotateEvery: '1h' } },
      { targets: [{ name: 'media', service: { name: 'media', port: 5060 } }] },
    ];
    for (const change of same) expect(templateHash(specOf(change))).toBe(templateHash(specOf()));
  });

  // Recorded before podTemplate had more than labels and annotations, and listeners hostPort.
  it('of a spec that says nothing of newer fields is what an older operator made of it', () => {
    const spec = specOf({
      image: 'rehome:0.1.0',
      podTemplate: { labels: { team: 'voice' } },
      ...{ failover: { suspectAfter: '2s' }, log: { level: 'debug' } },
    });
    expect(templateHash(spec)).toBe('73ba44627ad3d97c');
  });

  it('changes with what a process reads at its start', () => {
    const others = [
      { image: 'rehome:other' },
      { nodeSelector: { disk: 'ssd' } },
      { podTemplate: { labels: { team: 'voice' } } },
      { failover: { suspectAfter: '3s' } },
      { log: { level: 'debug' } },
      { podTemplate: { env: [{ name: 'A', value: '1' }] } },
      { podTemplate: { priorityClassName: 'voice' } },
      { podTemplate: { resources: { limits: { cpu: '1' } } } },
      { keys: { meshSecret: 'own' } },
      { keys: { tokenSecret: 'own' } },
      { deletionWait: '90s' },
      { targets: [{ name: 'media', addresses: ['10.0.3.10'], credentials: { secretName: 'trunk' } }] },
    ];
    const hashes = others.map((change) => templateHash(specOf(change)));
    expect(new Set([...hashes, templateHash(specOf())]).size).toBe(others.length + 1);
  });
});
