import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { sipClusterSchema } from '../../src/api/sip-cluster-schema.ts';
import { chartValues } from './chart-readme.ts';
import { readFile } from './repository.ts';

const { version } = JSON.parse(readFile('package.json')) as { version: string };

describe.each(['rehome-operator', 'rehome-cluster'])('helm/%s', (chart) => {
  const about = parse(readFile(`helm/${chart}/Chart.yaml`)) as { version: string; appVersion: string };

  test('has the version of the package', () => {
    expect([about.version, about.appVersion]).toEqual([version, version]);
  });

  test('says of every value what it means', () => {
    const values = chartValues(chart);
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter(({ doc }) => doc === '').map(({ path }) => path)).toEqual([]);
  });
});

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** The rules of the operator in the watched namespaces, as the template has them with everything switched on. */
function operatorRules(): Rule[] {
  const template = readFile('helm/rehome-operator/templates/_helpers.tpl');
  const [, text = ''] = /define "rehome-operator.rules" -}}\n([\s\S]*?){{- end }}\n*$/.exec(template) ?? [];
  return parse(text.replaceAll(/^{{.*}}\n/gm, '')) as Rule[];
}

test('docs/install.md lists every right of the operator', () => {
  const page = readFile('docs/install.md');
  const [, table = ''] = /\n## Rights\n([\s\S]*?)\n## /.exec(page) ?? [];
  const told = table
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, , , resources = '', verbs = '']) =>
      resources.split(', ').map((resource) => `${resource}: ${verbs}`),
    );
  const rules = operatorRules();
  expect(rules.length).toBeGreaterThan(8);
  const rights = rules.flatMap(({ resources, verbs }) =>
    resources.map((resource) => `${resource}: ${verbs.join(', ')}`),
  );
  expect(rights.filter((right) => !told.includes(right))).toEqual([]);
});

test('the image of the charts is that of a SipCluster which names none, and of the Dockerfile', () => {
  const { image } = parse(readFile('helm/rehome-cluster/values.yaml')) as { image: { repository: string } };
  const { properties } = sipClusterSchema.json;
  expect(properties?.['image']?.default).toBe(`${image.repository}:${version}`);
  expect(readFile('Dockerfile')).toContain(`ARG VERSION=${version}\n`);
});
