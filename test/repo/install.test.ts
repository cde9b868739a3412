import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import { chartValues } from './chart-readme.ts';
import { readFile } from './repository.ts';

const PAGES = [
  'README.md',
  'docs/install.md',
  'helm/rehome-operator/README.md',
  'helm/rehome-cluster/README.md',
];

/** A document that a page shows: a SipCluster, or values of its chart. */
interface Shown {
  kind?: string;
  image?: { repository: string };
  spec: Record<string, unknown>;
}

const shown = PAGES.flatMap((page) =>
  [...readFile(page).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']): [page: string, document: Shown] => [page, parse(text) as Shown],
  ),
);

describe('what the pages have people write', () => {
  test('is a SipCluster or values of its chart, without problems', () => {
    expect(shown.length).toBeGreaterThan(2);
    for (const [page, { spec }] of shown) {
      const parsed = parseSipClusterSpec(spec);
      expect([page, parsed.ok ? [] : parsed.problems]).toEqual([page, []]);
    }
  });

  test('names the image from the registry that the page has them push to', () => {
    for (const [page, { kind, image, spec }] of shown) {
      const named = kind === 'SipCluster' ? spec['image'] : image?.repository;
      expect([page, named]).toEqual([page, expect.stringMatching(/^registry\.example\/rehome/)]);
    }
  });

  test.each(PAGES)('%s sets only values that the charts have', (page) => {
    const known = ['rehome-operator', 'rehome-cluster'].flatMap(chartValues).map(({ path }) => path);
    const set = [...readFile(page).matchAll(/--set ([\w.]+)=/g)].map(([, path = '']) => path);
    expect(set.filter((path) => !known.includes(path))).toEqual([]);
  });
});
