import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { killOrphans, startTimeOf } from '../../../src/local/kubelet/orphan-guard.ts';
import { until } from '../../../src/local/until.ts';

const WAIT_MS = 10_000;

let dir = '';
let sleepers: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-test-'));
  sleepers = [0, 1].map(() => spawn('sleep', ['60'], { stdio: 'ignore' }));
});
afterEach(() => {
  for (const sleeper of sleepers) sleeper.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

test('a process that is still the one in the list is killed, one that got its id later is not', async () => {
  const [orphan, stranger] = sleepers.map(({ pid = 0 }) => pid);
  const list = join(dir, 'processes');
  const start = startTimeOf(orphan ?? 0) ?? '';
  expect(start).toMatch(/^\d+$/);
  writeFileSync(list, `999999999 5\n${orphan} ${start}\n${stranger} 1\n`);
  killOrphans(list);
  await until(() => sleepers[0]?.signalCode === 'SIGKILL', WAIT_MS, 'the orphan to be killed');
  expect(startTimeOf(stranger ?? 0)).toBeDefined();
  expect(sleepers[1]?.signalCode).toBeNull();
});

test('a list that is not there is no failure', () => {
  expect(() => {
    killOrphans(join(dir, 'none'));
  }).not.toThrow();
});
