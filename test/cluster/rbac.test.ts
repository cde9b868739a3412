import { beforeAll, describe, expect, test } from '@jest/globals';
import { askedRights, rightText, type AskedRights } from './asked-rights.ts';
import { HELM, objectsIn, outputOf, runTool } from './chart-tools.ts';

/** Rights that no test of this suite needs, and who does. */
const NEEDED_ELSEWHERE: Readonly<Record<string, string>> = {
  'get secrets': 'keys.rotateEvery',
  'patch secrets': 'keys.rotateEvery',
  'delete services': 'service.enabled turned off',
  'delete networkpolicies.networking.k8s.io': 'networkPolicy.enabled turned off',
  'delete dialogshards.sip.rehome.dev': 'fewer DialogShards than there were',
  'get dialogshards.sip.rehome.dev': 'a move that a person asked for is taken off when it is done',
  'patch dialogshards.sip.rehome.dev': 'a move that a person asked for is taken off when it is done',
  'get configmaps': 'clusters of two pods, of which the operator is the third voter',
  'get services': 'reading one object of a kind that is listed shows nothing new',
  'get poddisruptionbudgets.policy': 'reading one object of a kind that is listed shows nothing new',
  'get networkpolicies.networking.k8s.io': 'reading one object of a kind that is listed shows nothing new',
  'get endpointslices.discovery.k8s.io': 'reading one object of a kind that is listed shows nothing new',
  'get nodes': 'reading one object of a kind that is listed shows nothing new',
  'get leases.coordination.k8s.io': 'of nodes, which are listed',
};

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** Every right that the chart gives an operator of all namespaces. */
async function granted(): Promise<Set<string>> {
  const rendered = await outputOf(
    runTool(HELM, ['template', 'rehome-operator', 'helm/rehome-operator', '-n', 'rehome-system']),
  );
  const roles = objectsIn(rendered).filter(
    ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && !isForPeople(metadata.labels),
  );
  const rules = roles.flatMap((role) => role['rules'] as Rule[]);
  const rights = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => rightText(verb, resource, group))),
    ),
  );
  return new Set(rights);
}

function isForPeople(labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.keys(labels).some((key) => key.startsWith('rbac.authorization.k8s.io/aggregate-to-'));
}

/** Of all operators in the whole run: this file runs last. */
describe('the rights of operators', () => {
  let asked: AskedRights;
  let rights: Set<string>;

  beforeAll(async () => {
    asked = askedRights(process.env['REHOME_AUDIT_FOLDER'] ?? '');
    rights = await granted();
  });

  test('are enough for everything that they did in this run of the whole suite', () => {
    expect(asked.used.size).toBeGreaterThan(0);
    expect(asked.refused).toEqual([]);
    expect([...asked.used].filter((right) => !rights.has(right))).toEqual([]);
  });

  test('are no more than that, but for what other suites need', () => {
    const unused = [...rights].filter((right) => !asked.used.has(right));
    expect(unused.filter((right) => !(right in NEEDED_ELSEWHERE))).toEqual([]);
    expect(Object.keys(NEEDED_ELSEWHERE).filter((right) => !rights.has(right))).toEqual([]);
  });
});
