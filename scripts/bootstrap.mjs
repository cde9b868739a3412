// Runs a command of this repository on the Node that is one of its dependencies, and installs those first if
// they are missing or stale. Needs Node 20 and npm, nothing else.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE = join(ROOT, 'node_modules/.bin/node');
const OLDEST_NODE = [24, 12];
const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];

/** Folders of test/ with tests. */
const SUITES = ['unit', 'wire', 'sim', 'integration', 'repo', 'e2e', 'cluster', 'kubernetes'];

/** What each command runs. Tests with sipp, a Kubernetes API server or a cluster are apart: not every machine has these. */
const COMMANDS = {
  demo: ['--no-warnings', 'src/main.ts', 'demo'],
  test: JEST,
  'test:sipp': [...JEST, '--runInBand'],
  'test:cluster': [
    ...JEST,
    '--runInBand',
    '--globalSetup',
    './test/cluster/global-setup.ts',
    '--globalTeardown',
    './test/cluster/global-teardown.ts',
    '--testSequencer',
    './test/cluster/rights-last.mjs',
  ],
  'test:e2e': [
    ...JEST,
    '--runInBand',
    '--verbose',
    '--globalSetup',
    '<rootDir>/test/kubernetes/load-images.ts',
  ],
  bench: ['--no-warnings', 'test/bench/main.ts'],
  sim: ['--no-warnings', 'test/sim/main.ts'],
};

/** What goes behind the user's own arguments. */
const LAST = {
  test: ['--testPathIgnorePatterns', '/node_modules/', '/test/(e2e|cluster|kubernetes)/'],
  'test:sipp': allBut('e2e'),
  'test:cluster': allBut('cluster'),
  'test:e2e': allBut('kubernetes'),
};

/** Leaves out all suites but one. */
function allBut(suite) {
  const others = SUITES.filter((each) => each !== suite);
  return ['--testPathIgnorePatterns', '/node_modules/', `/test/(${others.join('|')})/`];
}

/** Why the dependencies must be installed; undefined if what is there is what the lock file names. */
function staleReason() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return 'node_modules is missing';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path]?.version;
    if (found === undefined && isForAll(entry)) return `${path} is missing`;
    if (found !== undefined && found !== entry.version) return `${path} is ${found}, not ${entry.version}`;
  }
  return existsSync(NODE) ? undefined : 'Node is missing';
}

/** npm passes over packages of other platforms, and over entries that nothing needs. */
function isForAll({ optional, extraneous, os, cpu }) {
  return !optional && !extraneous && os === undefined && cpu === undefined;
}

function readPackages(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

function install(reason) {
  console.log(`Installing dependencies (${reason}); this takes about half a minute.`);
  const [command, ...first] = npm();
  const { status, error } = spawnSync(
    command,
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ''}`);
}

// Inside `npm run` the Node at hand may be the one that npm is about to replace.
function npm() {
  const { npm_execpath: npmCli, npm_node_execpath: node } = process.env;
  return npmCli && node && existsSync(node) ? [node, npmCli] : ['npm'];
}

function checkNode() {
  const { stdout, error } = spawnSync(NODE, ['--version'], { encoding: 'utf8' });
  if (error) fail(`${NODE} does not run: ${error.message}`);
  const [major, minor] = stdout.slice(1).split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (isOld || Number.isNaN(major))
    fail(`node_modules/.bin/node is ${stdout.trim()}, and ${OLDEST_NODE.join('.')} or newer is needed`);
}

function run(argv) {
  const child = spawn(NODE, argv, { cwd: ROOT, stdio: 'inherit' });
  // The terminal sends SIGINT to the child too; its exit code is awaited.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
if (command === undefined)
  fail(`usage: node scripts/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [ARGUMENTS]`);
const reason = staleReason();
if (reason !== undefined) install(reason);
checkNode();
run([...command, ...args, ...(LAST[name] ?? [])]);
