import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ObjectMeta } from '../../src/api/object-type.ts';
import { checkSipClusterName, parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import type { SipClusterSpec } from '../../src/api/sip-cluster-type.ts';
import { networkPolicy } from '../../src/reconcile/network.ts';
import { HELM, objectsIn, outputOf, runTool, type Ended, type Rendered } from './chart-tools.ts';
import { VALUES_CASES, type ValuesCase } from './chart-values.ts';

const WIDE = ['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'];

// Programs take their time where others run too.
jest.setTimeout(120_000);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehome-chart-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function template(chart: ValuesCase['chart'], values: Record<string, unknown>): Promise<Ended> {
  return withValues(values, (file) => ['template', 'rehome', `helm/${chart}`, '-n', 'sip', '-f', file]);
}

function withValues(values: Record<string, unknown>, args: (file: string) => string[]): Promise<Ended> {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return runTool(HELM, args(file));
}

async function rendered(chart: ValuesCase['chart'], values: Record<string, unknown>): Promise<Rendered[]> {
  return objectsIn(await outputOf(template(chart, values)));
}

function ofKind(objects: readonly Rendered[], kind: string): Rendered[] {
  return objects.filter((object) => object.kind === kind);
}

describe.each(VALUES_CASES)('$name', ({ chart, values }) => {
  test('passes helm lint --strict', async () => {
    const { code, stdout } = await withValues(values, (file) => [
      ...['lint', '--strict', `helm/${chart}`, '-f', file],
    ]);
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(code).toBe(0);
  });

  test('labels everything as Kubernetes recommends, with selectors of name, instance and component only', async () => {
    const objects = await rendered(chart, values);
    expect(objects.length).toBeGreaterThan(0);
    for (const { metadata, kind } of objects) {
      const labels = metadata.labels ?? {};
      expect([kind, labels['app.kubernetes.io/instance']]).toEqual([kind, 'rehome']);
      expect(labels['app.kubernetes.io/part-of']).toBe('rehome');
    }
    for (const { spec } of ofKind(objects, 'Deployment')) {
      const { selector } = spec as { selector: { matchLabels: Record<string, string> } };
      expect(Object.keys(selector.matchLabels).sort()).toEqual([
        'app.kubernetes.io/component',
        'app.kubernetes.io/instance',
        'app.kubernetes.io/name',
      ]);
    }
  });

  test('puts everything that has a namespace into one', async () => {
    for (const { kind, metadata } of await rendered(chart, values)) {
      const { namespace } = metadata;
      const isWide = WIDE.includes(kind);
      expect([kind, metadata.name, namespace === undefined]).toEqual([kind, metadata.name, isWide]);
    }
  });
});

describe('rehome-operator', () => {
  test('needs nothing cluster-wide for one namespace', async () => {
    const objects = await rendered('rehome-operator', {
      watchNamespace: 'telephony',
      rbac: { nodes: false, aggregate: false },
      crds: { enabled: false },
    });
    expect(objects.filter(({ kind }) => WIDE.includes(kind))).toEqual([]);
    const roles = ofKind(objects, 'Role').map(({ metadata }) => metadata.namespace);
    expect(roles.sort()).toEqual(['sip', 'telephony']);
  });

  test('names the same rights in a Role as in a ClusterRole', async () => {
    const rulesOf = (objects: Rendered[], kind: string): unknown[] =>
      ofKind(objects, kind).map(({ rules }) => rules);
    const wide = rulesOf(await rendered('rehome-operator', { rbac: { aggregate: false } }), 'ClusterRole');
    const one = rulesOf(await rendered('rehome-operator', { watchNamespace: 'telephony' }), 'Role');
    expect(one).toEqual(
      expect.arrayContaining([wide.find((rules) => JSON.stringify(rules).includes('sip.rehome.dev'))]),
    );
  });

  test('has pods that the NetworkPolicies of clusters let in, whatever it is called', async () => {
    const [deployment] = ofKind(await rendered('rehome-operator', { nameOverride: 'other' }), 'Deployment');
    const { template } = deployment?.spec as { template: { metadata: ObjectMeta } };
    const cluster = { name: 'edge', namespace: 'sip', uid: 'u' };
    const parsed = parseSipClusterSpec({ listeners: [{ name: 'sip' }] });
    const { ingress } = networkPolicy(cluster, (parsed as { value: SipClusterSpec }).value)
      .spec as unknown as {
      ingress: {
        from?: { podSelector: { matchLabels: Record<string, string> }; namespaceSelector?: object }[];
      }[];
    };
    const operators = ingress
      .flatMap(({ from = [] }) => from)
      .filter(({ namespaceSelector }) => namespaceSelector !== undefined);
    expect(operators.length).toBeGreaterThan(0);
    for (const { podSelector } of operators)
      expect(template.metadata.labels).toMatchObject(podSelector.matchLabels);
  });

  test('keeps the definitions if it is told to, and only then', async () => {
    const policies = async (keep: boolean): Promise<unknown[]> =>
      ofKind(await rendered('rehome-operator', { crds: { keep } }), 'CustomResourceDefinition').map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      );
    expect(await policies(true)).toEqual(['keep', 'keep']);
    expect(await policies(false)).toEqual([undefined, undefined]);
  });

  test('takes a digest before a tag, and the version of the chart before nothing', async () => {
    const imageOf = async (image: Record<string, string>): Promise<unknown> => {
      const [deployment] = ofKind(await rendered('rehome-operator', { image }), 'Deployment');
      const { template } = deployment?.spec as { template: { spec: { containers: { image: string }[] } } };
      return template.spec.containers[0]?.image;
    };
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(await imageOf({ tag: '1.2.3' })).toBe('rehome:1.2.3');
    expect(await imageOf({ tag: '1.2.3', digest })).toBe(`rehome@${digest}`);
    expect(await imageOf({})).toMatch(/^rehome:\d+\.\d+\.\d+$/);
  });
});

/** Names as helm takes them, and as they would break a Service, a label or a pod. */
const RELEASES = ['calls', 'a.b', `${'long-'.repeat(10)}abc`, `${'x'.repeat(47)}-${'y'.repeat(5)}`];

test.each(RELEASES)('a release %s has names that Services, labels and pods may have', async (release) => {
  const args = (chart: string): string[] => ['template', release, `helm/${chart}`, '-n', 'sip'];
  const [ofOperator = [], ofCluster = []] = await Promise.all(
    ['rehome-operator', 'rehome-cluster'].map(async (chart) =>
      objectsIn(await outputOf(runTool(HELM, args(chart)))),
    ),
  );
  const wide = ['CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
  const names = [...ofOperator, ...ofCluster]
    .filter(({ kind }) => !wide.includes(kind))
    .map(({ metadata }) => metadata.name);
  expect(names.length).toBeGreaterThan(6);
  for (const name of names) expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
  const [cluster] = ofKind(ofCluster, 'SipCluster');
  expect(checkSipClusterName(cluster?.metadata.name ?? '')).toEqual([]);
});

test('a cluster whose size somebody else sets has none of the chart', async () => {
  const [cluster] = ofKind(await rendered('rehome-cluster', { spec: { replicas: null } }), 'SipCluster');
  expect(cluster?.spec).toHaveProperty('shards');
  expect(cluster?.spec).not.toHaveProperty('replicas');
});

test('numbers of any size arrive as they are written', async () => {
  const spec = { limits: { maxDialogs: 1_000_000 } };
  const [cluster] = ofKind(await rendered('rehome-cluster', { spec }), 'SipCluster');
  expect(cluster?.spec).toMatchObject(spec);
  const text = await outputOf(template('rehome-operator', {}));
  expect(text).not.toMatch(/\d[eE]\+\d/);
});

interface Wrong {
  chart: ValuesCase['chart'];
  values: Record<string, unknown>;
  told: string;
}

const WRONG: Wrong[] = [
  { chart: 'rehome-operator', values: { replicas: 2 }, told: "additional properties 'replicas' not allowed" },
  {
    chart: 'rehome-operator',
    values: { replicaCount: '2' },
    told: "at '/replicaCount': got string, want integer",
  },
  {
    chart: 'rehome-operator',
    values: { image: { tagg: '1' } },
    told: "at '/image': additional properties 'tagg'",
  },
  { chart: 'rehome-operator', values: { image: { digest: 'abc' } }, told: "at '/image/digest'" },
  {
    chart: 'rehome-operator',
    values: { crds: { keep: 'yes' } },
    told: "at '/crds/keep': got string, want boolean",
  },
  { chart: 'rehome-operator', values: { logLevel: 'loud' }, told: "at '/logLevel'" },
  { chart: 'rehome-operator', values: { fullnameOverride: 'My_Operator' }, told: "at '/fullnameOverride'" },
  { chart: 'rehome-operator', values: { watchNamespace: ['a', 'b'] }, told: "at '/watchNamespace'" },
  {
    chart: 'rehome-operator',
    values: { extraEnv: [{ value: 'x' }] },
    told: "at '/extraEnv/0': missing property 'name'",
  },
  {
    chart: 'rehome-cluster',
    values: { spec: { replcas: 3 } },
    told: "at '/spec': additional properties 'replcas'",
  },
  {
    chart: 'rehome-cluster',
    values: { spec: { replicas: 0 } },
    told: "at '/spec/replicas': minimum: got 0, want 1",
  },
  {
    chart: 'rehome-cluster',
    values: { spec: { image: 'x' } },
    told: "at '/spec': additional properties 'image'",
  },
  { chart: 'rehome-cluster', values: { spec: { listeners: [] } }, told: "at '/spec/listeners': minItems" },
  { chart: 'rehome-cluster', values: { nameOverride: 'Edge' }, told: "at '/nameOverride'" },
  {
    chart: 'rehome-cluster',
    values: { dialogShards: { one: { tag: 'x' } } },
    told: "additional properties 'tag'",
  },
  {
    chart: 'rehome-cluster',
    values: { spec: { failover: { suspectAfter: 5 } } },
    told: "at '/spec/failover/suspectAfter': got number, want string",
  },
];

test.each(WRONG)('$chart refuses $values', async ({ chart, values, told }) => {
  const { code, stderr } = await template(chart, values);
  expect(code).not.toBe(0);
  expect(stderr).toContain(told);
});
