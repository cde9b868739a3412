import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { KubeObject } from '../../src/api/object-type.ts';
import type { Step } from '../../src/reconcile/plan-type.ts';
import { SimulatedCluster } from '../unit/reconcile/world.ts';
import { ChartApi } from './chart-api.ts';
import { outputOf } from './chart-tools.ts';

// Programs take their time where others run too.
jest.setTimeout(120_000);

const KINDS = ['Service', 'NetworkPolicy'];
const NAMESPACE = 'default';
const LISTENERS = [
  { name: 'public', transports: ['UDP', 'TCP'] },
  { name: 'Trunks_of.the-north', port: 5070 },
];
const EVERYTHING = {
  ...{ resources: { requests: { cpu: '100m' }, limits: { memory: '256Mi' } }, imagePullSecrets: ['pull'] },
  ...{ imagePullPolicy: 'Always', tolerations: [{ key: 'sip', operator: 'Exists' }] },
  topologySpreadConstraints: [{ topologyKey: 'topology.kubernetes.io/zone' }],
  env: [{ name: 'ZONE', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
};
const SPECS: [string, Record<string, unknown>][] = [
  ['says nothing', {}],
  ['opens ports of the nodes', { service: { type: 'NodePort' }, portStep: 100 }],
  [
    'asks for a load balancer',
    {
      service: {
        ...{ type: 'LoadBalancer', loadBalancerClass: 'example.com/lb', annotations: { lb: 'yes' } },
        loadBalancerSourceRanges: ['192.0.2.0/24'],
      },
      targets: [{ name: 'media', addresses: ['192.0.2.9'], credentials: { secretName: 'trunk.login' } }],
      podTemplate: EVERYTHING,
    },
  ],
  ['takes the load balancer back', { service: { type: 'ClusterIP' }, networkPolicy: { enabled: true } }],
];

const api = new ChartApi();
beforeAll(async () => {
  await api.start();
  const label = 'pod-security.kubernetes.io/enforce=restricted';
  await outputOf(api.kubectl(['label', 'namespace', NAMESPACE, label]));
});
afterAll(async () => {
  await api.stop();
});

function appliedIn(steps: readonly Step[]): KubeObject[] {
  return steps.flatMap((step) =>
    step.type === 'applyObject' && KINDS.includes(step.object.kind) ? [step.object] : [],
  );
}

async function applied(object: KubeObject): Promise<KubeObject> {
  const apply = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=rehome-operator',
    '-o=json',
    '-f=-',
  ];
  return JSON.parse(await outputOf(api.kubectl(apply, JSON.stringify(object)))) as KubeObject;
}

/** One after the other, as a user changes them: the objects of one are what the next one finds. */
test.each(SPECS)(
  'objects of a cluster that %s are taken, and are as they should be then',
  async (_, written) => {
    const cluster = new SimulatedCluster({ listeners: LISTENERS, ...written });
    const live = await outputOf(api.kubectl(['get', 'services,networkpolicies', '-o=json']));
    cluster.objects = (JSON.parse(live) as { items: KubeObject[] }).items;
    for (const object of appliedIn(cluster.plan().steps)) {
      const found = await applied(object);
      cluster.objects = [
        ...cluster.objects.filter(({ metadata }) => metadata.uid !== found.metadata.uid),
        found,
      ];
    }
    expect(cluster.objects.filter(({ metadata }) => metadata.name.startsWith('edge'))).toHaveLength(3);
    expect(appliedIn(cluster.plan().steps)).toEqual([]);
  },
);

test.each(SPECS)('pods of a cluster that %s pass Pod Security restricted', async (_, written) => {
  const cluster = new SimulatedCluster({ listeners: LISTENERS, ...written });
  const pods = cluster.plan().steps.flatMap((step) => (step.type === 'createPod' ? [step.object] : []));
  expect(pods).toHaveLength(3);
  for (const pod of pods) {
    const create = ['create', '--dry-run=server', '--validate=strict', '-o=name', '-f=-'];
    const { code, stdout, stderr } = await api.kubectl(create, JSON.stringify(pod));
    expect([code, stdout.trim(), stderr]).toEqual([0, `pod/${pod.metadata.name}`, '']);
  }
});
