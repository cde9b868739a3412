import { describe, expect, test } from '@jest/globals';
import type { Problem } from '../../../src/api/problem.ts';
import {
  checkSipClusterChange,
  checkSipClusterName,
  checkSipClusterPods,
  parseSipClusterSpec,
} from '../../../src/api/sip-cluster.ts';
import type { SipClusterSpec } from '../../../src/api/sip-cluster-type.ts';
import { sampleSpec } from './sample-spec.ts';

function specOf(changes: Record<string, unknown> = {}): SipClusterSpec {
  const parsed = parseSipClusterSpec(sampleSpec(changes));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function problemsOf(spec: unknown): Problem[] {
  const parsed = parseSipClusterSpec(spec);
  return parsed.ok ? [] : parsed.problems;
}

function placesOf(changes: Record<string, unknown>): string[] {
  return problemsOf(sampleSpec(changes)).map(({ path, code }) => `${path} ${code}`);
}

const listeners = (...given: object[]): { listeners: object[]; routes: [] } => ({
  listeners: given,
  routes: [],
});

test('only listeners are required; everything else has a default', () => {
  const parsed = parseSipClusterSpec({ listeners: [{ name: 'public' }] });
  expect(parsed.ok && parsed.value).toEqual({
    replicas: 3,
    shards: 12,
    image: 'rehome:0.1.0',
    podTemplate: {
      labels: {},
      annotations: {},
      resources: {},
      tolerations: [],
      topologySpreadConstraints: [],
      imagePullSecrets: [],
      env: [],
    },
    nodeSelector: {},
    hostNetwork: false,
    portStep: 0,
    listeners: [
      { name: 'public', transports: ['UDP'], port: 5060, hostPort: false, advertise: { from: 'PodIP' } },
    ],
    routes: [],
    targets: [],
    service: {
      enabled: true,
      type: 'ClusterIP',
      annotations: {},
      labels: {},
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: [],
      listeners: [],
    },
    networkPolicy: { enabled: true },
    keys: { rotateEveryMs: 0 },
    deletionWaitMs: 30_000,
    drain: {
      taints: [
        'node.kubernetes.io/unschedulable',
        'ToBeDeletedByClusterAutoscaler',
        'karpenter.sh/disrupted',
        'karpenter.sh/disruption',
      ],
    },
    replication: { factor: 2, durability: 'acknowledged', protectTimeoutMs: 50 },
    rehoming: {
      method: 'Reinvite',
      legsPerSecond: 4_000,
      perPeer: { legsPerSecond: 1_000, maxInFlight: 200 },
    },
    failover: { suspectAfterMs: 1_000, delayMs: 0, trustReset: true, unreadyAfterMs: 5_000 },
    rollout: { maxSurge: 1 },
    rebalance: { enabled: true, maxTagsInFlight: 2 },
    topologyHiding: { callId: 'pass' },
    sip: { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 },
    log: { level: 'info' },
    limits: { maxDialogs: 200_000, heldMessages: 10_000 },
  });
});

test('a spec is not to be changed by whoever reads it', () => {
  expect(Object.isFrozen(specOf().listeners[0])).toBe(true);
});

describe('the number of copies', () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [5, 2],
  ])('with %i pods is %i if nothing is asked for', (replicas, factor) => {
    expect(specOf({ replicas }).replication.factor).toBe(factor);
  });

  test('is refused where pods are too few', () => {
    expect(placesOf({ replicas: 2, replication: { factor: 2 } })).toEqual([
      'spec.replication.factor CONFIG_CONFLICT',
    ]);
  });

  test('may stay as it is when a cluster is scaled below it', () => {
    const former = sampleSpec({ replicas: 3, replication: { factor: 2 } });
    const spec = sampleSpec({ replicas: 2, replication: { factor: 2 } });
    expect(parseSipClusterSpec(spec, former).ok).toBe(true);
    expect(parseSipClusterSpec({ ...spec, replication: { factor: 3 } }, former).ok).toBe(false);
    expect(parseSipClusterSpec(spec, 'nonsense').ok).toBe(false);
  });

  test('is no problem of a pod that is alone for now', () => {
    expect(placesOf({ replicas: 1, replication: { factor: 2 } })).toEqual([]);
  });
});

test('pods cannot be more than tags', () => {
  expect(placesOf({ replicas: 5, shards: 4 })).toEqual(['spec.replicas CONFIG_CONFLICT']);
});

test.each<[string, Record<string, unknown>]>([
  ['spec.replicas', { replicas: 0 }],
  ['spec.replicas', { replicas: 51, shards: 100 }],
  ['spec.shards', { shards: 1025 }],
  ['spec.image', { image: 'two words' }],
  ['spec.replication.factor', { replication: { factor: 17 } }],
  ['spec.failover.suspectAfter', { failover: { suspectAfter: '99ms' } }],
  ['spec.failover.unreadyAfter', { failover: { unreadyAfter: 'soon' } }],
  ['spec.rollout.maxSurge', { rollout: { maxSurge: 2 } }],
  ['spec.rebalance.maxTagsInFlight', { rebalance: { maxTagsInFlight: 0 } }],
  ['spec.rehoming.method', { rehoming: { method: 'reinvite' } }],
  ['spec.podTemplate.labels.a', { podTemplate: { labels: { a: 'not a label' } } }],
  ['spec.podTemplate.labels.a b', { podTemplate: { labels: { 'a b': '1' } } }],
  [
    'spec.podTemplate.annotations.sip.rehome.dev/cordon',
    { podTemplate: { annotations: { 'sip.rehome.dev/cordon': '' } } },
  ],
])('%s is refused out of its bounds', (path, changes) => {
  expect(placesOf(changes)).toEqual([`${path} CONFIG_VALUE`]);
});

describe('listeners', () => {
  test('must be there', () => {
    expect(placesOf({ listeners: undefined })).toEqual(['spec.listeners CONFIG_REQUIRED']);
    expect(placesOf(listeners())).toEqual(['spec.listeners CONFIG_VALUE']);
  });

  test('have names and sockets of their own', () => {
    expect(placesOf(listeners({ name: 'a' }, { name: 'a', transports: ['TCP', 'UDP'] }))).toEqual([
      'spec.listeners[1].name CONFIG_DUPLICATE',
      'spec.listeners[1].port CONFIG_DUPLICATE',
    ]);
  });

  test.each([
    ['Annotation', ['spec.listeners[1].name CONFIG_DUPLICATE']],
    ['PodIP', []],
  ])('may differ by case and punctuation alone, unless each has an annotation: %s', (from, places) => {
    const advertise = { from, ...(from === 'Annotation' && { annotation: 'example.org/a' }) };
    const pair = listeners({ name: 'a.b', advertise }, { name: 'A-B', port: 5070, advertise });
    expect(placesOf(pair)).toEqual(places);
  });

  test('have each transport once', () => {
    expect(placesOf(listeners({ name: 'a', transports: ['UDP', 'UDP'] }))).toEqual([
      'spec.listeners[0].transports[1] CONFIG_DUPLICATE',
    ]);
  });

  test('may share a port over different transports', () => {
    expect(placesOf(listeners({ name: 'a' }, { name: 'b', transports: ['TCP'] }))).toEqual([]);
  });

  test.each([
    [7946, 'UDP'],
    [7946, 'TCP'],
    [7947, 'TCP'],
    [9090, 'TCP'],
  ])('cannot have port %i over %s, which is the pod’s own', (port, transport) => {
    expect(placesOf(listeners({ name: 'a', port, transports: [transport] }))).toEqual([
      'spec.listeners[0].port CONFIG_DUPLICATE',
    ]);
  });
});

describe('the address that endpoints are told', () => {
  const advertise = (given: object): string[] =>
    placesOf({ replicas: 1, ...listeners({ name: 'a', advertise: given }) });

  test.each<[object]>([
    [{ from: 'HostIP', port: 5062 }],
    [{ from: 'NodeExternalIP' }],
    [{ from: 'Annotation', annotation: 'example.com/address' }],
    [
      {
        from: 'Map',
        map: { 'edge-0': '192.0.2.1', 'edge-1': 'sip.example:5070', 'edge-2': '[2001:db8::1]' },
      },
    ],
  ])('comes from %j', (given) => {
    expect(advertise(given)).toEqual([]);
  });

  test.each<[object, string]>([
    [{ from: 'Annotation' }, 'annotation CONFIG_REQUIRED'],
    [{ from: 'Map' }, 'map CONFIG_REQUIRED'],
    [{ from: 'Map', map: {} }, 'map CONFIG_CONFLICT'],
    [{ from: 'Map', map: { 'edge-0': 'sip:192.0.2.1' } }, 'map.edge-0 CONFIG_VALUE'],
    [{ from: 'Map', map: { 'edge-0': '2001:db8::1' } }, 'map.edge-0 CONFIG_VALUE'],
    [{ from: 'Map', map: 1 }, 'map CONFIG_TYPE'],
    [{ map: { 'edge-0': '192.0.2.1' } }, 'map CONFIG_CONFLICT'],
    [{ from: 'HostIP', annotation: 'a' }, 'annotation CONFIG_CONFLICT'],
    [{ from: 'PodIp' }, 'from CONFIG_VALUE'],
  ])('does not come from %j', (given, problem) => {
    expect(advertise(given)).toEqual([`spec.listeners[0].advertise.${problem}`]);
  });
});

describe('a map of addresses', () => {
  const mapped = (pods: readonly string[], replicas: number): Record<string, unknown> => {
    const map = Object.fromEntries(pods.map((pod) => [pod, '192.0.2.1']));
    return { replicas, ...listeners({ name: 'a', advertise: { from: 'Map', map } }) };
  };

  test.each<[string, string[], number]>([
    ['has an address for each pod', ['edge-0', 'edge-1'], 2],
    ['may have more, and others too', ['edge-0', 'edge-7', 'edge-1', 'core-0', 'edge-2'], 3],
  ])('%s', (_what, pods, replicas) => {
    expect(checkSipClusterPods('edge', specOf(mapped(pods, replicas)))).toEqual([]);
  });

  test.each([
    [['core-0', 'core-1'], 'has no address for edge-0, edge-1:'],
    [['edge-0', 'edge-01', 'edge-2'], 'has no address for edge-1:'],
  ])('of %j is none for a cluster named edge', (pods, message) => {
    expect(checkSipClusterPods('edge', specOf(mapped(pods, 2)))).toMatchObject([
      { path: 'spec.listeners[0].advertise.map', message: expect.stringContaining(message) },
    ]);
  });

  test('leaves room for a new pod beside the old one only where it has an address to spare', () => {
    expect(specOf(mapped(['edge-0', 'edge-1'], 2)).rollout).toEqual({ maxSurge: 0 });
    expect(specOf(mapped(['edge-0', 'edge-1', 'edge-2'], 2)).rollout).toEqual({ maxSurge: 1 });
  });
});

describe('pods that share an address', () => {
  test.each<[string, number, number, string]>([
    ['the next pod would take the port of another listener', 3, 10, 'spec.portStep CONFIG_CONFLICT'],
    ['a later pod would', 5, 2, 'spec.portStep CONFIG_CONFLICT'],
    ["one pod's mesh would meet another's control API", 3, 1, 'spec.portStep CONFIG_CONFLICT'],
  ])('are refused where %s', (_why, replicas, portStep, problem) => {
    expect(placesOf({ replicas, portStep })).toEqual([problem]);
  });

  test('may be as many as there are ports', () => {
    const above = listeners({ name: 'a', port: 65000 });
    expect(placesOf({ ...above, replicas: 5, portStep: 100 })).toEqual([]);
    expect(placesOf({ ...above, replicas: 6, portStep: 100 })).toEqual(['spec.portStep CONFIG_CONFLICT']);
    expect(placesOf({ replicas: 4, portStep: 2 })).toEqual([]);
    expect(placesOf({ replicas: 3, portStep: 100, hostNetwork: true })).toEqual([]);
  });
});

test('a route names listeners and a target that are there, and any group', () => {
  const routes = [{ from: 'publik', to: 'meda', via: 'internal', shardGroup: 'premium' }];
  expect(problemsOf(sampleSpec({ routes })).map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'spec.routes[0].from: there is no listener publik; did you mean public?',
    'spec.routes[0].to: there is no target meda; did you mean media?',
  ]);
});

test('two targets have two names', () => {
  const target = { name: 'media', addresses: ['10.0.3.10'] };
  expect(placesOf({ targets: [target, target] })).toEqual(['spec.targets[1].name CONFIG_DUPLICATE']);
});

test('all problems are told at once, with advice for a slip of the finger', () => {
  const problems = problemsOf({ replica: 3, shards: '12', listeners: [{ nam: 'public' }] });
  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'spec.replica: unknown setting: did you mean replicas?',
    'spec.shards: must be a number, is a string',
    'spec.listeners[0].nam: unknown setting: did you mean name?',
    'spec.listeners[0].name: is missing: Name of the listener; routes refer to it, and a call that moves keeps it.',
  ]);
});

test.each([undefined, null, 1, 'text', [], [{}]])('%j is no spec', (spec) => {
  expect(problemsOf(spec).map(({ path, code }) => `${path} ${code}`)).toEqual(['spec CONFIG_TYPE']);
});

describe('a change', () => {
  test('may ask for more tags', () => {
    expect(checkSipClusterChange(specOf(), specOf({ shards: 13 }))).toEqual([]);
  });

  test('may not take tags away', () => {
    const problems = checkSipClusterChange(specOf(), specOf({ shards: 11 }));
    expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual(['spec.shards CONFIG_CONFLICT']);
  });
});

describe('a name', () => {
  test.each(['edge', 'e', 'edge-2', 'e2e', 'a'.repeat(48)])('%s is one', (name) => {
    expect(checkSipClusterName(name)).toEqual([]);
  });

  test.each(['Edge', 'edge.west', '-edge', 'edge-', '', '3com', 'a'.repeat(49)])('%j is none', (name) => {
    expect(checkSipClusterName(name)).toMatchObject([{ path: 'metadata.name', code: 'CONFIG_VALUE' }]);
  });
});

describe('a target', () => {
  const withTarget = (target: object): string[] =>
    placesOf({ routes: [], targets: [{ name: 'pbx', ...target }] });

  test.each<[object]>([
    [{ addresses: ['192.0.2.1'] }],
    [{ addresses: ['pbx.example:5070;transport=TCP', '[2001:db8::1]'] }],
    [{ service: { name: 'pbx', port: 5060 } }],
    [{ service: { name: 'pbx', namespace: 'voice', port: 'sip' }, credentials: { secretName: 'trunk' } }],
  ])('may have %j', (target) => {
    expect(withTarget(target)).toEqual([]);
  });

  test.each<[object, string]>([
    [{}, 'addresses CONFIG_REQUIRED'],
    [{ addresses: [] }, 'addresses CONFIG_REQUIRED'],
    [{ addresses: ['192.0.2.1:0'] }, 'addresses[0] CONFIG_VALUE'],
    [{ addresses: ['2001:db8::1'] }, 'addresses[0] CONFIG_VALUE'],
    [{ addresses: ['192.0.2.1'], service: { name: 'pbx', port: 5060 } }, 'addresses CONFIG_CONFLICT'],
    [{ service: { name: 'pbx' } }, 'service.port CONFIG_REQUIRED'],
    [{ service: { name: 'pbx', port: 0 } }, 'service.port CONFIG_VALUE'],
    [{ service: { name: 'pbx', port: '5060' } }, 'service.port CONFIG_VALUE'],
    [{ service: { name: 'PBX', port: 5060 } }, 'service.name CONFIG_VALUE'],
  ])('may not have %j', (target, problem) => {
    expect(withTarget(target)).toEqual([`spec.targets[0].${problem}`]);
  });
});

test.each(['labels', 'annotations'])('an entry Service has %s with keys of the user alone', (field) => {
  const keys = ['example.org/a', 'a b', 'sip.rehome.dev/cluster'];
  expect(placesOf({ service: { [field]: Object.fromEntries(keys.map((key) => [key, 'x'])) } })).toEqual(
    keys.slice(1).map((key) => `spec.service.${field}.${key} CONFIG_VALUE`),
  );
});

test('an entry Service leads to listeners that there are', () => {
  expect(placesOf({ service: { listeners: ['none'] } })).toEqual([
    'spec.service.listeners[0] CONFIG_REFERENCE',
  ]);
});
