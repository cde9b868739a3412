import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { depcruise } from './folder-picture.ts';
import { ROOT } from './repository.ts';

/** DESIGN §4: which folders each may import, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  sip: [],
  dialog: ['sip'],
  gossip: [],
  rehome: ['sip', 'dialog', 'gossip'],
  api: [],
  runtime: [],
  mesh: ['gossip', 'api', 'runtime'],
  reconcile: ['api'],
  kube: ['api', 'runtime'],
  operator: ['api', 'gossip', 'mesh', 'reconcile', 'kube', 'runtime'],
  proxy: ['sip', 'dialog', 'gossip', 'rehome', 'api', 'runtime', 'mesh'],
  local: [
    'sip',
    'dialog',
    'gossip',
    'rehome',
    'api',
    'reconcile',
    'runtime',
    'kube',
    'mesh',
    'proxy',
    'operator',
  ],
  console: ['api', 'reconcile', 'kube', 'runtime', 'local'],
};
const FOLDERS = Object.keys(MAY_IMPORT);
const THINKING = ['sip', 'dialog', 'gossip', 'rehome', 'api', 'reconcile'];
/** The file of a folder that others import; the proxy may see only these two of api. */
const TARGETS: Readonly<Record<string, string>> = { api: 'pod-report' };

interface Violation {
  from: string;
  to: string;
}

let dir = '';
const broken = new Set<string>();
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-layers-'));
  writeFileSync(join(dir, 'tsconfig.json'), '{ "compilerOptions": { "allowImportingTsExtensions": true } }');
  for (const from of FOLDERS) {
    mkdirSync(join(dir, 'src', from), { recursive: true });
    writeFileSync(join(dir, 'src', from, `${TARGETS[from] ?? 'target'}.ts`), 'export const target = 1;\n');
    for (const to of FOLDERS) {
      const text = `import { target } from '../${to}/${TARGETS[to] ?? 'target'}.ts';\nexport const copy = target;\n`;
      if (to !== from) writeFileSync(join(dir, 'src', from, `of-${to}.ts`), text);
    }
    writeFileSync(
      join(dir, 'src', from, 'of-node.ts'),
      "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    );
  }
  writeFileSync(join(dir, 'src/api/crd.ts'), 'export const target = 1;\n');
  writeFileSync(join(dir, 'src/proxy/of-crd.ts'), "export { target } from '../api/crd.ts';\n");
  writeFileSync(
    join(dir, 'src/sip/here.ts'),
    "export { there } from './there.ts';\nexport const here = 1;\n",
  );
  writeFileSync(
    join(dir, 'src/sip/there.ts'),
    "export { here } from './here.ts';\nexport const there = 1;\n",
  );
  const { summary } = JSON.parse(depcruise(['src', '-T', 'json'], dir)) as {
    summary: { violations: Violation[] };
  };
  for (const { from, to } of summary.violations) broken.add(`${from} ${to}`);
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function isRefused(file: string): boolean {
  return [...broken].some((violation) => violation.startsWith(`src/${file}.ts `));
}

describe.each(FOLDERS)('src/%s', (from) => {
  test('imports what DESIGN §4 lets it import, and nothing else', () => {
    const others = FOLDERS.filter((to) => to !== from);
    expect(others.filter((to) => !isRefused(`${from}/of-${to}`))).toEqual(
      others.filter((to) => MAY_IMPORT[from]?.includes(to)),
    );
  });

  test(`${THINKING.includes(from) ? 'may not' : 'may'} import Node’s own modules`, () => {
    expect(isRefused(`${from}/of-node`)).toBe(THINKING.includes(from));
  });
});

test('the proxy sees no custom resources', () => {
  expect(isRefused('proxy/of-crd')).toBe(true);
});

test('a circle of imports is refused', () => {
  expect(isRefused('sip/here') || isRefused('sip/there')).toBe(true);
});

test('the repository itself keeps the rules', () => {
  expect(depcruise(['src', '-T', 'err'], ROOT)).toContain('no dependency violations found');
});
