import { describe, expect, test } from '@jest/globals';
import { ENDPOINT_SLICES, PODS, SERVICES, SIP_CLUSTERS } from '../../src/kube/kinds.ts';
import type { EndpointSlice, Service } from '../../src/kube/objects.ts';
import { pause, until } from '../../src/local/until.ts';
import { NAMESPACE, SYSTEM } from './cluster-fleet.ts';
import { CALLS, openScene } from './fleet-scene.ts';

const TIMEOUT_MS = 300_000;
const QUIET_MS = 5000;
const TOLD_WITHIN_MS = 60_000;
/** Nobody asks there: no route goes to them (RFC 5737). */
const [FIRST, SECOND] = ['192.0.2.1', '192.0.2.2'] as const;
const NO_SURGE = '  rollout: { maxSurge: 0 }';
const PAUSED = 'sip.rehome.dev/paused';
const REFUSED = [
  ['get', 'secrets', '-n', SYSTEM],
  ['get', 'secrets', '-A'],
  ['get', 'sipclusters', '-n', SYSTEM],
  ['get', 'nodes'],
  ['get', 'pods', '-A'],
  ['exec', 'edge-0', '-n', NAMESPACE, '--', 'id'],
  ['delete', 'namespace', NAMESPACE, '--wait=false'],
  ['delete', 'sipcluster', 'edge', '-n', NAMESPACE, '--wait=false'],
  ['create', 'serviceaccount', 'more', '-n', NAMESPACE],
  ['create', 'token', 'default', '-n', NAMESPACE],
  ['create', 'role', 'more', '--verb=*', '--resource=*', '-n', NAMESPACE],
  ['create', 'clusterrolebinding', 'more', '--clusterrole=cluster-admin', '--user=me'],
  ['create', 'rolebinding', 'more', '--clusterrole=admin', '--user=me', '-n', NAMESPACE],
  ['get', 'pods', '-n', NAMESPACE, '--as=admin'],
];

describe('an operator of one namespace, which sees no node, on a real API server', () => {
  const scene = openScene(NO_SURGE, { isNarrow: true });

  test('says so in a condition, and has its pods all the same', async () => {
    const { status } = await scene.fleet.api.get(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'NodesVisible', status: 'False' }),
    );
    expect(status?.phase).toBe('Ready');
  });

  test.each(REFUSED.map((args) => [args.join(' '), args] as const))(
    'is refused by its own token: kubectl %s',
    async (_, args) => {
      expect(await scene.fleet.refusal(...args)).toMatch(/forbidden/i);
    },
    TIMEOUT_MS,
  );

  test(
    'kubectl drain of a node: its pod is emptied as it is evicted, and made elsewhere',
    async () => {
      const pod = await scene.anyPod();
      const node = pod.spec.nodeName ?? '';
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'];
        await scene.fleet.kubectl('drain', node, ...flags);
        await until(async () => !(await uids()).has(pod.metadata.uid), TIMEOUT_MS, 'the pod to go');
        await scene.fleet.settled(3);
        await scene.fleet.kubectl('uncordon', node);
      });
      expect(faults).toEqual([]);
      expect((await scene.fleet.pods()).map(({ spec }) => spec.nodeName)).not.toContain(node);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  async function uids(): Promise<Set<string | undefined>> {
    const { items } = await scene.fleet.api.list(PODS, { namespace: NAMESPACE });
    return new Set(items.map(({ metadata }) => metadata.uid));
  }

  test(
    'paused it does nothing for another image; then it replaces every pod, without a pod too many',
    async () => {
      const before = await scene.fleet.pods();
      const kubectl = (...args: string[]): Promise<string> => scene.fleet.kubectl(...args);
      let most = 0;
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await kubectl('annotate', 'sipcluster/edge', `${PAUSED}=a test`);
        const patch = '{"spec":{"image":"rehome:next"}}';
        await kubectl('patch', 'sipcluster/edge', '--type=merge', '-p', patch);
        await pause(QUIET_MS);
        expect(await uids()).toEqual(new Set(before.map(({ metadata }) => metadata.uid)));
        const counting = setInterval(() => {
          void uids().then(({ size }) => {
            most = Math.max(most, size);
          });
        }, 100);
        await kubectl('annotate', 'sipcluster/edge', `${PAUSED}-`);
        await scene.untilReplaced(before).finally(() => {
          clearInterval(counting);
        });
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(most).toBe(3);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'endpoints of the Service that a target names reach every pod, and so does each change of them',
    async () => {
      const { fleet } = scene;
      await fleet.api.create(SERVICES, SERVICE);
      await fleet.api.create(ENDPOINT_SLICES, sliceOf(FIRST));
      await untilTold(async () => {
        await fleet.apply({
          spec: `${NO_SURGE}
  image: rehome:next
  failover: { suspectAfter: 6s }
  targets:
    - { name: phones, addresses: ["${fleet.phones.target}"] }
    - { name: media, service: { name: media, port: 5060 } }`,
        });
      });
      const faults = await fleet.faultsWhile(scene.calls, async () => {
        const tookMs = await untilTold(async () => {
          const value = sliceOf(SECOND).endpoints;
          await fleet.api.patch(ENDPOINT_SLICES, REF, [{ op: 'replace', path: '/endpoints', value }]);
        });
        process.stdout.write(`a changed EndpointSlice was known to all pods after ${String(tookMs)} ms\n`);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  /** Changes something; resolves to after how many ms every pod has taken other targets for it. */
  async function untilTold(change: () => Promise<void>): Promise<number> {
    const pods = await scene.fleet.pods();
    const taken = (): number[] =>
      pods.map(
        ({ metadata }) => scene.fleet.podLog(metadata.uid).split('takes new routes and targets').length,
      );
    const before = taken();
    const beganMs = performance.now();
    await change();
    const isTold = (): boolean => taken().every((count, index) => count > (before[index] ?? 0));
    await until(isTold, TOLD_WITHIN_MS, 'all pods to take other targets');
    return Math.round(performance.now() - beganMs);
  }
});

const REF = { namespace: NAMESPACE, name: 'media-1' };
const SERVICE: Service = {
  ...{ apiVersion: 'v1', kind: 'Service' },
  metadata: { name: 'media', namespace: NAMESPACE },
  spec: { ports: [{ name: 'sip', protocol: 'UDP', port: 5060 }] },
};

function sliceOf(address: string): EndpointSlice {
  return {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
    metadata: { ...REF, labels: { 'kubernetes.io/service-name': 'media' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'sip', protocol: 'UDP', port: 5066 }],
  };
}
