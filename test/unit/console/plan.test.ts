import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runPlan } from '../../../src/console/plan.ts';

const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'rehome-plan-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const CLUSTER = {
  apiVersion: 'sip.rehome.dev/v1alpha1',
  kind: 'SipCluster',
  metadata: { name: 'edge' },
  spec: { replicas: 2, shards: 2, listeners: [{ name: 'public' }] },
};

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function run(...argv: string[]): { code: number; stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' };
  const code = runPlan(
    argv,
    {
      stdout: { write: (text: string) => (said.stdout += text) },
      stderr: { write: (text: string) => (said.stderr += text) },
    },
    NOW_MS,
  );
  return { code, ...said };
}

describe('rehome plan', () => {
  const cluster = file('cluster.yaml', CLUSTER);

  it('says what would be done in an empty world, each step with its reason', () => {
    const { code, stdout } = run('-f', cluster);
    expect(code).toBe(0);
    expect(stdout).toContain('create  Pod edge-1');
    expect(stdout).toContain('2 wanted, 0 there');
    expect(stdout).toContain('create  DialogShard edge-01');
  });

  it('says what is missing in an observed one', () => {
    const metadata = { name: 'edge-0', uid: '12345678-9', labels: { 'sip.rehome.dev/cluster': 'edge' } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } };
    const world = file('world.yaml', { apiVersion: 'v1', kind: 'List', items: [pod] });
    const { code, stdout } = run('-f', cluster, '--observed', world);
    expect(code).toBe(0);
    expect(stdout).not.toContain('create  Pod edge-0');
    expect(stdout).toContain('edge-1: 2 wanted, 1 there');
  });

  it('gives everything as JSON, the same for the same time', () => {
    const { stdout } = run('-f', cluster, '-o', 'json');
    const [first] = JSON.parse(stdout) as { cluster: string; steps: { type: string }[] }[];
    expect(first?.cluster).toBe('edge');
    expect(first?.steps.filter((step) => step.type === 'createPod')).toHaveLength(2);
    expect(run('-f', cluster, '-o', 'json').stdout).toBe(stdout);
  });

  it('lists the problems of a spec and ends with 2', () => {
    const bad = file('bad.yaml', { ...CLUSTER, spec: { replicas: 0, sharks: 3 } });
    const { code, stdout, stderr } = run('-f', bad);
    expect(code).toBe(2);
    expect(stderr).toContain('spec.replicas');
    expect(stderr).toContain('spec.sharks');
    expect(stdout).toContain('Event SpecRejected');
  });

  it('ends with 1 if a file cannot be read or has no SipCluster', () => {
    expect(run('-f', join(folder, 'nothing.yaml')).code).toBe(1);
    expect(run('-f', cluster, '--observed', join(folder, 'nothing.yaml')).code).toBe(1);
    expect(run('-f', file('empty.yaml', { apiVersion: 'v1', kind: 'List', items: [] })).code).toBe(1);
  });

  it('ends with 2 if the command line is wrong, and helps', () => {
    expect(run().code).toBe(2);
    expect(run('-f', cluster, '-o', 'xml').code).toBe(2);
    expect(run('--nonsense').code).toBe(2);
    expect(run('--help')).toMatchObject({ code: 0, stderr: '' });
  });
});
