import { afterEach, expect, test } from '@jest/globals';
import { KubeError } from '../../../../src/kube/api.ts';
import { NODES, PODS } from '../../../../src/kube/kinds.ts';
import type { Node, Pod } from '../../../../src/kube/objects.ts';
import { Scheduler } from '../../../../src/local/cluster/scheduler.ts';
import { MemoryKubernetes } from '../../../../src/local/kubernetes/memory-api.ts';
import { until } from '../../../../src/local/until.ts';

const WITHIN_MS = 10_000;

/** An API that fails to create Bindings as often as a test says. */
class FrailKubernetes extends MemoryKubernetes {
  failures = 0;

  override create: MemoryKubernetes['create'] = (kind, object) => {
    if (kind.plural !== 'bindings' || this.failures === 0) return super.create(kind, object);
    this.failures -= 1;
    return Promise.reject(new KubeError(429, 'TooManyRequests', 'slow down'));
  };
}

const stop = new AbortController();
afterEach(() => {
  stop.abort();
});

test('a pod whose binding failed is bound later, though nothing else happens', async () => {
  let uids = 0;
  const api = new FrailKubernetes({ nowMs: () => 0, newUid: () => `uid-${(uids += 1)}` });
  await makeNode(api);
  void new Scheduler({
    api,
    signal: stop.signal,
    now: () => '2026-01-01T00:00:00Z',
    say: () => undefined,
  }).run();
  api.failures = 1;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'edge-0', namespace: 'default' },
    spec: { containers: [{ name: 'proxy', image: 'rehome' }] },
  };
  await api.create(PODS, pod);
  const nodeOf = async (): Promise<string | undefined> =>
    (await api.get(PODS, { namespace: 'default', name: 'edge-0' })).spec.nodeName;
  await until(async () => (await nodeOf()) === 'node-0', WITHIN_MS, 'the pod to be bound');
  expect(api.failures).toBe(0);
});

async function makeNode(api: MemoryKubernetes): Promise<void> {
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' }, spec: {} };
  await api.create(NODES, node);
  const value = { conditions: [{ type: 'Ready', status: 'True' }] };
  await api.patch(NODES, { namespace: '', name: 'node-0' }, [{ op: 'add', path: '/status', value }], {
    subresource: 'status',
  });
}
