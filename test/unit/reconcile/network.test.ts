import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';
import { settled } from './settled.ts';
import { SimulatedCluster } from './world.ts';

type Applied = KubeObject & { spec: Record<string, unknown> };

function started(written: Record<string, unknown> = {}): SimulatedCluster {
  const cluster = new SimulatedCluster({ shards: 3, ...written });
  cluster.settle();
  return cluster;
}

function objectOf({ objects }: SimulatedCluster, kind: string, name: string): Applied | undefined {
  return objects.find((each) => each.kind === kind && each.metadata.name === name) as Applied | undefined;
}

function stepsAbout(cluster: SimulatedCluster, kind: string): Step[] {
  return cluster.plan().steps.filter((step) => {
    if (step.type === 'applyObject') return step.object.kind === kind;
    return step.type === 'deleteObject' && step.kind === kind;
  });
}

describe('the Services of a cluster', () => {
  it('lead new calls to ready pods, and name pods that are not ready yet', () => {
    const listeners = [
      { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
      { name: 'trunks', port: 5070 },
    ];
    const cluster = started({ listeners });
    const selector = { 'sip.rehome.dev/cluster': 'edge' };
    const entry = objectOf(cluster, 'Service', 'edge');
    expect(entry?.spec).toEqual({
      ...{ type: 'ClusterIP', selector },
      ports: [
        { name: 'public-udp', protocol: 'UDP', port: 5060, targetPort: 5060 },
        { name: 'public-tcp', protocol: 'TCP', port: 5060, targetPort: 5060 },
        { name: 'trunks-udp', protocol: 'UDP', port: 5070, targetPort: 5070 },
      ],
    });
    const mesh = objectOf(cluster, 'Service', 'edge-mesh');
    expect(mesh?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true, selector });
    expect(mesh?.metadata.ownerReferences?.[0]).toMatchObject({ name: 'edge', controller: true });
  });

  it('are as the spec says', () => {
    const service = {
      ...{ type: 'LoadBalancer', annotations: { lb: 'yes' }, labels: { team: 'voice' } },
      ...{
        loadBalancerClass: 'example.com/lb',
        loadBalancerSourceRanges: ['192.0.2.0/24'],
        listeners: ['b'],
      },
    };
    const cluster = started({
      service,
      portStep: 100,
      listeners: [
        { name: 'a', port: 5060 },
        { name: 'b', port: 5070 },
      ],
    });
    const entry = objectOf(cluster, 'Service', 'edge');
    expect(entry?.metadata).toMatchObject({
      labels: { team: 'voice', 'sip.rehome.dev/cluster': 'edge' },
      annotations: { lb: 'yes' },
    });
    expect(entry?.spec).toMatchObject({
      ...{ type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'example.com/lb' },
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      // The pods' ports differ: each of them is known by its name.
      ports: [{ port: 5070, targetPort: 'b-udp' }],
    });
  });

  it('are not written again for what Kubernetes fills in', () => {
    const cluster = started();
    cluster.objects = cluster.objects.map((object) => {
      const { metadata } = object;
      const spec = { ...(object as Applied).spec, sessionAffinity: 'None', clusterIPs: ['10.96.0.7'] };
      return {
        ...object,
        metadata: { ...metadata, annotations: { ...metadata.annotations, other: 'x' } },
        spec,
      };
    });
    expect(cluster.plan().steps).toEqual([]);
  });

  it('are written again when somebody changed them, or the spec says less', () => {
    const cluster = started({ service: { annotations: { lb: 'yes' } } });
    const entry = objectOf(cluster, 'Service', 'edge');
    if (entry !== undefined) entry.spec['selector'] = { app: 'another' };
    expect(stepsAbout(cluster, 'Service')).toHaveLength(1);
    cluster.settle();
    cluster.change({ service: {} });
    expect(stepsAbout(cluster, 'Service')).toHaveLength(1);
    cluster.settle();
    expect(objectOf(cluster, 'Service', 'edge')?.metadata.annotations).not.toHaveProperty('lb');
  });

  it('go when they are switched off', () => {
    const cluster = started();
    cluster.change({ service: { enabled: false }, networkPolicy: { enabled: false } });
    cluster.settle();
    expect(cluster.objects.map(({ metadata }) => metadata.name)).toEqual(['edge-mesh']);
  });

  it('of a person that have the name are left alone', () => {
    const cluster = settled({ shards: 3 });
    const theirs = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'edge', uid: 'theirs' }, spec: {} };
    cluster.objects = cluster.objects.map((each) =>
      each.kind === 'Service' && each.metadata.name === 'edge' ? theirs : each,
    );
    expect(stepsAbout(cluster, 'Service')).toEqual([]);
    cluster.change({ service: { enabled: false } });
    expect(stepsAbout(cluster, 'Service')).toEqual([]);
  });
});

describe('the NetworkPolicy of a cluster', () => {
  it('opens SIP and health to all, the mesh to pods and operator, control to the operator alone', () => {
    const policy = objectOf(started(), 'NetworkPolicy', 'edge');
    const pods = { podSelector: { matchLabels: { 'sip.rehome.dev/cluster': 'edge' } } };
    const operator = {
      namespaceSelector: {},
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'rehome-operator' } },
    };
    expect(policy?.spec).toEqual({
      ...{ ...pods, policyTypes: ['Ingress'] },
      ingress: [
        {
          ports: [
            { protocol: 'UDP', port: 5060 },
            { protocol: 'TCP', port: 9090 },
          ],
        },
        {
          from: [pods, operator],
          ports: [
            { protocol: 'TCP', port: 7946 },
            { protocol: 'UDP', port: 7946 },
          ],
        },
        { from: [operator], ports: [{ protocol: 'TCP', port: 7947 }] },
      ],
    });
  });
});
