import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ROOT } from '../repo/repository.ts';
import { ChartApi } from './chart-api.ts';
import { outputOf } from './chart-tools.ts';

// Programs take their time where others run too.
jest.setTimeout(120_000);
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.yaml'));

const api = new ChartApi();
beforeAll(async () => {
  await api.start();
  await outputOf(api.kubectl(['apply', '--server-side', '-f', 'helm/rehome-operator/files/crds']));
  await outputOf(api.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']));
});
afterAll(async () => {
  await api.stop();
});

function generations(namespace: string): Promise<string> {
  const path = '-o=jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.generation}{"\\n"}{end}';
  return outputOf(api.kubectl(['get', 'sipclusters,dialogshards', '-n', namespace, path]));
}

test.each(EXAMPLES)('examples/%s is applied without a warning, and again without a change', async (file) => {
  const namespace = file.replace(/\W.*$/, '');
  await outputOf(api.kubectl(['create', 'namespace', namespace]));
  const apply = ['apply', '-n', namespace, '-f', `examples/${file}`];
  const { code, stdout, stderr } = await api.kubectl(apply);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('sipcluster.sip.rehome.dev/');
  const before = await generations(namespace);
  await outputOf(api.kubectl(apply));
  expect(before).not.toBe('');
  expect(await generations(namespace)).toBe(before);
});
