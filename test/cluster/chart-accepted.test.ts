import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import { podObject } from '../../src/reconcile/pod-template.ts';
import { ChartApi } from './chart-api.ts';
import { HELM, objectsIn, outputOf, runTool, type Rendered } from './chart-tools.ts';
import { VALUES_CASES, type ValuesCase } from './chart-values.ts';

const NAMESPACE = 'sip';

// Programs take their time where others run too.
jest.setTimeout(120_000);

/** prometheus-operator's kind, as far as a dry run needs it. */
const POD_MONITOR = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'podmonitors.monitoring.coreos.com' },
  spec: {
    group: 'monitoring.coreos.com',
    scope: 'Namespaced',
    names: { kind: 'PodMonitor', listKind: 'PodMonitorList', plural: 'podmonitors', singular: 'podmonitor' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const api = new ChartApi();
let folder = '';

function textOf(objects: readonly unknown[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

async function rendered({ chart, values }: Omit<ValuesCase, 'name'>): Promise<Rendered[]> {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const args = ['template', 'rehome', `helm/${chart}`, '-n', NAMESPACE, '-f', file];
  return objectsIn(await outputOf(runTool(HELM, args)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rehome-chart-'));
  await api.start();
  const crds = (await rendered({ chart: 'rehome-operator', values: {} })).filter(
    ({ kind }) => kind === 'CustomResourceDefinition',
  );
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
  await outputOf(
    api.kubectl(['apply', '--server-side', '-f', '-'], textOf([namespace, POD_MONITOR, ...crds])),
  );
  await outputOf(api.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']));
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(VALUES_CASES)('$name', (given) => {
  test('the API server takes all of it, without a warning', async () => {
    const objects = await rendered(given);
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'];
    const { code, stdout, stderr } = await api.kubectl(args, textOf(objects));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  test('its pods are as Pod Security `restricted` wants them', async () => {
    const pods = (await rendered(given)).flatMap(podsOf);
    expect(await Promise.all(pods.map(refusalOf))).toEqual(pods.map(() => ''));
  });
});

/** What the API server says against a pod, or warns of. */
async function refusalOf(pod: Rendered): Promise<string> {
  const { stderr } = await api.kubectl(['create', '--dry-run=server', '-f', '-'], textOf([pod]));
  return stderr;
}

/** The pods that an object leads to. */
function podsOf(object: Rendered): Rendered[] {
  if (object.kind === 'Pod') return [object];
  if (object.kind !== 'Deployment') return [];
  const { template } = object.spec as { template: { metadata: object; spec: object } };
  const metadata = { ...template.metadata, name: 'of-the-deployment', namespace: NAMESPACE };
  return [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }];
}

/** A pod of the proxies as the operator makes it for a spec. */
function proxyPod(written: Record<string, unknown>): Rendered {
  const parsed = parseSipClusterSpec({ listeners: [{ name: 'sip', port: 5060 }], ...written });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const metadata = { name: 'edge', namespace: NAMESPACE, uid: '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0' };
  return podObject({ metadata, spec: parsed.value, templateHash: 'abc' }, 'edge-0');
}

test('a proxy pod is as Pod Security `restricted` wants it', async () => {
  expect(await refusalOf(proxyPod({}))).toBe('');
});

test("a proxy pod of the nodes' network is refused there, with the reason", async () => {
  expect(await refusalOf(proxyPod({ hostNetwork: true }))).toContain('hostNetwork=true');
});
