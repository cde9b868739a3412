import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const BOOTSTRAP = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));
const INSTALLING = 'Installing dependencies';

/** Stands in for npm: installs what the lock file of the test names, and a Node that says what it is. */
const NPM = `#!/bin/sh
echo "$@" > npm-was-called
mkdir -p node_modules/.bin
cp package-lock.json node_modules/.package-lock.json
cp fake-node node_modules/.bin/node
`;

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-bootstrap-'));
  mkdirSync(join(dir, 'scripts'));
  mkdirSync(join(dir, 'bin'));
  cpSync(BOOTSTRAP, join(dir, 'scripts/bootstrap.mjs'));
  writeProgram('bin/npm', NPM);
  writeNode('v24.21.0');
  writeLock({ 'node_modules/a': { version: '1.0.0' } });
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function writeProgram(path: string, text: string): void {
  writeFileSync(join(dir, path), text);
  chmodSync(join(dir, path), 0o755);
}

function writeNode(version: string): void {
  writeProgram(
    'fake-node',
    `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\necho "ran $@"\nexit 7\n`,
  );
}

function writeLock(packages: Record<string, object>): void {
  writeFileSync(join(dir, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
}

function bootstrap(...argv: string[]): Ran {
  const env = { PATH: `${join(dir, 'bin')}:/usr/bin:/bin` };
  return spawnSync(process.execPath, [join(dir, 'scripts/bootstrap.mjs'), ...argv], {
    env,
    encoding: 'utf8',
  });
}

describe('bootstrap', () => {
  test('installs what is missing, and passes arguments and the exit code on', () => {
    const ran = bootstrap('demo', '--calls', '50');
    expect(ran).toMatchObject({ status: 7, stderr: '' });
    expect(ran.stdout).toContain(INSTALLING);
    expect(ran.stdout).toContain('ran --no-warnings src/main.ts demo --calls 50\n');
  });

  test('installs nothing twice', () => {
    bootstrap('demo');
    expect(bootstrap('demo').stdout).not.toContain(INSTALLING);
  });

  test.each([
    ['another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['one more package', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
  ])('installs again for %s in the lock file', (_what, packages) => {
    bootstrap('demo');
    writeLock(packages);
    expect(bootstrap('demo').stdout).toContain(INSTALLING);
  });

  test('packages of other platforms, and those that nothing needs, are not missed', () => {
    bootstrap('demo');
    writeLock({
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '1.0.0', optional: true },
      'node_modules/c': { version: '1.0.0', os: ['plan9'] },
      'node_modules/d': { version: '1.0.0', extraneous: true },
    });
    expect(bootstrap('demo').stdout).not.toContain(INSTALLING);
  });

  test('fails when npm does', () => {
    writeProgram('bin/npm', '#!/bin/sh\necho no network >&2\nexit 3\n');
    const ran = bootstrap('demo');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toBe('no network\nnpm ci failed\n');
  });

  test.each(['v24.11.1', 'v22.20.0'])('refuses Node %s', (version) => {
    writeNode(version);
    const ran = bootstrap('demo');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain(`${version}, and 24.12 or newer is needed`);
  });

  test('refuses a command that it does not know', () => {
    expect(bootstrap('toString')).toMatchObject({ status: 1, stdout: '' });
  });
});
