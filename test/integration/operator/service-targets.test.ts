import { describe, expect, it } from '@jest/globals';
import type { TargetAddress } from '../../../src/api/proxy-config-type.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../../src/kube/kinds.ts';
import type { EndpointSlice, Service } from '../../../src/kube/objects.ts';
import { NAMESPACE } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

const SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'media', namespace: NAMESPACE },
  spec: { ports: [{ name: 'sip', protocol: 'UDP', port: 5060, targetPort: 15060 }] },
};

function slice(name: string, service: string, addresses: string[], isReady = true): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: isReady } })),
    ports: [{ name: 'sip', protocol: 'UDP', port: 15060 }],
  };
}

/** What every pod was last told of the target. */
function told(world: World): (readonly TargetAddress[] | undefined)[] {
  return ['edge-0', 'edge-1'].map(
    (name) => world.fleet.named(name).server.states.at(-1)?.targets[0]?.addresses,
  );
}

async function untilTold(world: World, addresses: string[]): Promise<void> {
  const wanted = JSON.stringify(addresses.map((address) => ({ address, port: 15060, transport: 'UDP' })));
  await world.until(
    () => told(world).every((each) => JSON.stringify(each) === wanted),
    `all pods are told of ${wanted}`,
  );
}

describe('a target that names a Service', () => {
  it('follows its ready endpoints, while pods go on as they are', async () => {
    const world = new World();
    await world.start({
      ...{ replicas: 2, shards: 2 },
      targets: [{ name: 'media', service: { name: 'media', port: 5060 } }],
    });
    await world.untilSettled(2);
    await world.untilSaid('ReferenceMissing');
    const uids = (await world.pods()).map(({ metadata }) => metadata.uid);
    await world.api.create(SERVICES, SERVICE);
    await world.api.create(ENDPOINT_SLICES, slice('media-1', 'media', ['10.9.0.2', '10.9.0.1']));
    await world.api.create(ENDPOINT_SLICES, slice('other-1', 'other', ['10.9.0.9']));
    await untilTold(world, ['10.9.0.1', '10.9.0.2']);
    await world.api.create(ENDPOINT_SLICES, slice('media-2', 'media', ['10.9.0.3'], false));
    await world.patch(ENDPOINT_SLICES, 'media-1', [
      { op: 'replace', path: '/endpoints', value: [{ addresses: ['10.9.0.4'] }] },
    ]);
    await untilTold(world, ['10.9.0.4']);
    await world.api.delete(ENDPOINT_SLICES, { namespace: NAMESPACE, name: 'media-1' });
    await untilTold(world, []);
    await world.until(async () => {
      const { status } = await world.cluster();
      return status?.conditions.find(({ type }) => type === 'ReferencesFound')?.status === 'False';
    }, 'the condition says that endpoints are missing');
    expect((await world.pods()).map(({ metadata }) => metadata.uid)).toEqual(uids);
  }, 120_000);
});
