import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from './repository.ts';

const CLOCK = 'export const now = Date.now();';
const OFFENCES = [
  CLOCK,
  'export const now = new Date();',
  'export const chance = Math.random();',
  'setTimeout(() => 1, 1);',
  'export const id = process.pid;',
  "console.log('');",
  'export async function later() {}',
  'export const later = await 1;',
];
const GIVEN_TIME = 'export const at = (ms: number): Date => new Date(ms);';

// Rules that need types are off, so that a text can be judged which is in no project.
const PROGRAM = `import { ESLint } from '${ROOT}node_modules/eslint/lib/api.js';
import ts from '${ROOT}node_modules/typescript-eslint/dist/index.js';
const parserOptions = { projectService: false, program: null, project: false };
const untyped = { ...ts.configs.disableTypeChecked, languageOptions: { parserOptions } };
const eslint = new ESLint({ cwd: '${ROOT}', overrideConfig: [untyped] });
const rules = [];
for (const [folder, text] of JSON.parse(process.argv[2])) {
  const [result] = await eslint.lintText(text, { filePath: '${ROOT}src/' + folder + '/offence.ts' });
  rules.push(result.messages.map((message) => message.ruleId));
}
process.stdout.write(JSON.stringify(rules));
`;

type Snippet = readonly [folder: string, text: string];

const snippets: readonly Snippet[] = [
  ...OFFENCES.map((text): Snippet => ['sip', text]),
  ...['dialog', 'gossip', 'rehome', 'api'].map((folder): Snippet => [folder, CLOCK]),
  ['sip', GIVEN_TIME],
  ['proxy', CLOCK],
];
const broken = new Map<string, readonly string[]>();

beforeAll(() => {
  const dir = mkdtempSync(join(tmpdir(), 'rehome-purity-'));
  writeFileSync(join(dir, 'lint.mjs'), PROGRAM);
  const { stdout, stderr } = spawnSync(process.execPath, [join(dir, 'lint.mjs'), JSON.stringify(snippets)], {
    encoding: 'utf8',
  });
  rmSync(dir, { recursive: true });
  if (stdout === '') throw new Error(stderr);
  for (const [index, rules] of (JSON.parse(stdout) as string[][]).entries())
    broken.set(String(snippets[index]), rules);
}, 60_000);

const rulesBroken = (...snippet: Snippet): readonly string[] => broken.get(String(snippet)) ?? ['not linted'];

describe('lint holds the thinking folders pure:', () => {
  test.each(OFFENCES)('it refuses %s', (text) => {
    expect(rulesBroken('sip', text).join()).toMatch(/no-restricted-(globals|properties|syntax)/);
  });

  test.each(['dialog', 'gossip', 'rehome', 'api'])('src/%s is one', (folder) => {
    expect(rulesBroken(folder, CLOCK)).toContain('no-restricted-properties');
  });

  test('a time that is given is no offence, nor is a clock in src/proxy', () => {
    expect(rulesBroken('sip', GIVEN_TIME)).toEqual([]);
    expect(rulesBroken('proxy', CLOCK)).toEqual([]);
  });
});
