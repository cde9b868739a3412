import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/api/object-type.ts';
import type { KubeApi, ResourceKind } from '../../src/kube/api.ts';
import * as kinds from '../../src/kube/kinds.ts';
import { until } from '../../src/local/until.ts';
import type { ApiUnderTest, Implementation } from '../integration/kube/api-under-test.ts';
import { deletionContract } from '../integration/kube/contract-deletion.ts';
import { objectContract } from '../integration/kube/contract-objects.ts';
import { watchContract } from '../integration/kube/contract-watches.ts';
import { ROOT } from '../repo/repository.ts';
import { ApiServerProcess } from './api-server-process.ts';

const START_MS = 120_000;
const WAIT_MS = 30_000;

const CRDS: ResourceKind = {
  ...{ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  ...{ plural: 'customresourcedefinitions', namespaced: false },
};
const NAMESPACES: ResourceKind = {
  ...{ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
};

const server = new ApiServerProcess();

beforeAll(async () => {
  await server.start();
  const api = server.client();
  for (const plural of ['sipclusters', 'dialogshards']) {
    const file = join(ROOT, `helm/rehome-operator/files/crds/${plural}.sip.rehome.dev.yaml`);
    await api.create(CRDS, parse(readFileSync(file, 'utf8')) as KubeObject);
  }
  await api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } });
  const isServed = (kind: ResourceKind): Promise<boolean> =>
    api.list(kind, {}).then(
      () => true,
      () => false,
    );
  await until(() => isServed(kinds.SIP_CLUSTERS), WAIT_MS, 'SipClusters');
  await until(() => isServed(kinds.DIALOG_SHARDS), WAIT_MS, 'DialogShards');
  api.close();
}, START_MS);

afterAll(() => server.close());

/** What tests make; what the server makes itself stays. */
const MADE = [
  ...[kinds.SIP_CLUSTERS, kinds.DIALOG_SHARDS, kinds.PODS, kinds.NODES],
  ...[kinds.CONFIG_MAPS, kinds.SECRETS, kinds.POD_DISRUPTION_BUDGETS],
] as ResourceKind[];

async function removeAll(api: KubeApi): Promise<void> {
  for (const kind of MADE)
    for (const { metadata } of (await api.list(kind, {})).items) {
      const ref = { namespace: metadata.namespace ?? '', name: metadata.name };
      if (ref.namespace.startsWith('kube-')) continue;
      await api.delete(kind, ref, { gracePeriodSeconds: 0 });
    }
}

/** What the controller of PodDisruptionBudgets writes; without it every eviction is refused. */
async function countBudgets(api: KubeApi): Promise<void> {
  for (const { metadata, spec } of (await api.list(kinds.POD_DISRUPTION_BUDGETS, {})).items) {
    const { namespace = '', name, generation = 0 } = metadata;
    const pods = await api.list(kinds.PODS, { namespace, labels: spec.selector.matchLabels });
    const { length: currentHealthy } = pods.items;
    const desiredHealthy = spec.minAvailable ?? 0;
    const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
    const counts = { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods: currentHealthy };
    const value = { observedGeneration: generation, ...counts };
    await api.patch(
      kinds.POD_DISRUPTION_BUDGETS,
      { namespace, name },
      [{ op: 'add', path: '/status', value }],
      { subresource: 'status' },
    );
  }
}

async function openReal(): Promise<ApiUnderTest> {
  const api = server.client();
  await removeAll(api);
  return {
    api,
    // A server that has just started knows of no change before.
    compact: async () => {
      await server.stopServer();
      await server.start();
    },
    bookmark: () => undefined,
    countBudgets: () => countBudgets(api),
    close: () => {
      api.close();
      return Promise.resolve();
    },
  };
}

const REAL: Implementation = ['a real API server', openReal];
objectContract(REAL);
watchContract(REAL);
deletionContract(REAL);
