import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { dialogShardDefinition, sipClusterDefinition } from '../../../src/api/crd.ts';
import { runCrds } from '../../../src/console/crds.ts';

function run(...argv: string[]): { code: number; stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' };
  const code = runCrds(argv, {
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
  });
  return { code, ...said };
}

describe('rehome crds', () => {
  it('prints both definitions as documents that say the same as the data', () => {
    const { code, stdout } = run();
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
    expect(code).toBe(0);
    expect(documents).toEqual(JSON.parse(JSON.stringify([sipClusterDefinition, dialogShardDefinition])));
  });

  it('names no alias that kubectl would have to resolve', () => {
    expect(run().stdout).not.toMatch(/[:-] [*&]\w/);
  });

  it('explains itself, and refuses what it does not know', () => {
    expect(run('--help').stdout).toContain('kubectl apply');
    expect(run('--all')).toMatchObject({ code: 2, stdout: '' });
  });
});
