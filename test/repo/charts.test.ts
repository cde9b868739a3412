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

test('the image of the charts is that of a SipCluster which names none, and of the Dockerfile', () => {
  const { image } = parse(readFile('helm/rehome-cluster/values.yaml')) as { image: { repository: string } };
  const { properties } = sipClusterSchema.json;
  expect(properties?.['image']?.default).toBe(`${image.repository}:${version}`);
  expect(readFile('Dockerfile')).toContain(`ARG VERSION=${version}\n`);
});
