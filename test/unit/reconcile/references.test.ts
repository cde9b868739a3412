import { describe, expect, it } from '@jest/globals';
import type { Observed, ObservedEndpoint, ObservedService } from '../../../src/reconcile/observed.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import type { Plan, Step } from '../../../src/reconcile/plan-type.ts';
import { settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

type State = Extract<Step, { type: 'sendState' }>['state'];

const MEDIA = { name: 'media', service: { name: 'media', port: 'sip' } };
const ELSEWHERE = { name: 'trunks', service: { name: 'trunks', namespace: 'other', port: 5060 } };

function endpoint(
  address: string,
  portName = 'sip',
  port = 15060,
  transport: 'UDP' | 'TCP' = 'UDP',
): ObservedEndpoint {
  return { address, portName, port, transport };
}

function service(endpoints: ObservedEndpoint[], more: Partial<ObservedService> = {}): ObservedService {
  return { pending: false, ports: [{ name: 'sip', port: 5060 }], endpoints, ...more };
}

function planWith(cluster: SimulatedCluster, more: Partial<Observed>): Plan {
  return plan({ ...cluster.observed(), ...more }, cluster.nowMs);
}

function statesIn({ steps }: Plan): State[] {
  return steps.flatMap((step) => (step.type === 'sendState' ? [step.state] : []));
}

function messageIn({ steps }: Plan): string | undefined {
  const status = steps.flatMap((step) => (step.type === 'clusterStatus' ? [step.status] : []))[0];
  return status?.conditions.find(({ type, status: is }) => type === 'ReferencesFound' && is === 'False')
    ?.message;
}

describe('targets that name a Service', () => {
  it('are told as the addresses of its endpoints, in an order that stays', () => {
    const cluster = settled({ shards: 3, targets: [MEDIA] });
    const endpoints = [endpoint('10.0.1.2'), endpoint('10.0.1.1'), endpoint('10.0.1.1', 'http', 80, 'TCP')];
    const [state, ...others] = statesIn(
      planWith(cluster, { services: { 'default/media': service(endpoints) } }),
    );
    expect(state?.targets).toEqual([
      {
        name: 'media',
        addresses: [
          { address: '10.0.1.1', port: 15060, transport: 'UDP' },
          { address: '10.0.1.2', port: 15060, transport: 'UDP' },
        ],
        balance: 'CallId',
      },
    ]);
    expect(others).toHaveLength(2);
  });

  it('are in the config of pods too, for those that start while no operator is there', () => {
    const cluster = settled({ shards: 3, targets: [MEDIA] });
    const services = { 'default/media': service([endpoint('10.0.1.1')]) };
    const applied = planWith(cluster, { services }).steps.flatMap((step) =>
      step.type === 'applyObject' && step.object.kind === 'ConfigMap' ? [JSON.stringify(step.object)] : [],
    );
    expect(applied).toHaveLength(1);
    expect(applied[0]).toContain('10.0.1.1:15060');
    const pending = { 'default/media': service([], { pending: true }) };
    const kept = planWith(cluster, { services: pending }).steps.filter(
      (step) => step.type === 'applyObject' && step.object.kind === 'ConfigMap',
    );
    expect(kept).toEqual([]);
  });

  it('take the number for that of the Service, or for that of its endpoints where the Service is out of sight', () => {
    const cluster = settled({ shards: 3, targets: [ELSEWHERE] });
    const seen = {
      'other/trunks': service([endpoint('10.0.1.1', 'sip', 7000), endpoint('10.0.1.1', 'x', 5060)]),
    };
    expect(statesIn(planWith(cluster, { services: seen }))[0]?.targets[0]?.addresses).toEqual([
      { address: '10.0.1.1', port: 7000, transport: 'UDP' },
    ]);
    const unseen = {
      pending: false,
      endpoints: [endpoint('fd00::1', 'x', 5060, 'TCP'), endpoint('10.0.1.1')],
    };
    expect(
      statesIn(planWith(cluster, { services: { 'other/trunks': unseen } }))[0]?.targets[0]?.addresses,
    ).toEqual([{ address: 'fd00::1', port: 5060, transport: 'TCP' }]);
  });

  it('let pods keep what they were told as long as nothing is known', () => {
    const cluster = settled({ shards: 3, targets: [MEDIA], routes: [] });
    const pending = planWith(cluster, { services: { 'default/media': service([], { pending: true }) } });
    expect(statesIn(pending)).toEqual([]);
    expect(messageIn(pending)).toBeUndefined();
  });

  it('are missed by a condition and an Event', () => {
    const cluster = settled({ shards: 3, targets: [MEDIA] });
    const gone = { 'default/media': service([], { problem: 'there is no such Service' }) };
    const planned = planWith(cluster, { services: gone });
    expect(messageIn(planned)).toBe('Service default/media of target media: there is no such Service');
    expect(planned.steps).toContainEqual(expect.objectContaining({ eventReason: 'ReferenceMissing' }));
    // So it was at first.
    expect(cluster.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReferencesFound',
        message: 'Service default/media of target media has no ready endpoint with port sip',
      }),
    );
  });
});

describe('Secrets of the user', () => {
  it('are not made, and missed while they are not there', () => {
    const cluster = settled({ shards: 3 });
    cluster.change({ keys: { meshSecret: 'own' } });
    cluster.keys = { tokens: { ids: ['k1'], madeAtMs: 0 } };
    const planned = cluster.plan();
    expect(planned.steps.filter(({ type }) => type === 'createSecret')).toEqual([]);
    expect(messageIn(planned)).toBe('Secret own is missing, or not of type Opaque: the keys of the mesh');
  });
});

describe('listeners that advertise the external address of the node', () => {
  const listeners = [
    { name: 'public', port: 5060, advertise: { from: 'NodeExternalIP' } },
    { name: 'trunks', port: 5070 },
  ];

  it('are told it with the state of their pod, each of its own node', () => {
    const cluster = settled({ shards: 3, listeners });
    const addresses: Record<string, string[]> = {
      n1: ['2001:db8::1', '203.0.113.1'],
      n2: ['203.0.113.2'],
      n3: ['203.0.113.3'],
    };
    const nodes = cluster.nodes.map((node) => ({
      ...node,
      externalAddresses: addresses[node.metadata.name] ?? [],
    }));
    const told = statesIn(planWith(cluster, { nodes })).map((state) => state.addresses);
    expect(told).toHaveLength(3);
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
      expect(told).toContainEqual({ public: { address, port: 5060 } });
  });

  it('are missed where the node has none', () => {
    const cluster = settled({ shards: 3, listeners });
    expect(cluster.status?.conditions).toContainEqual(
      expect.objectContaining({
        ...{ type: 'ReferencesFound', status: 'False', reason: 'ReferencesMissing' },
        message: expect.stringContaining('node n1 has no ExternalIP') as unknown,
      }),
    );
  });
});
