import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleDocument } from '../unit/api/sample-document.ts';

const REHOME = fileURLToPath(new URL('../../bin/rehome', import.meta.url));
const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url));
const RUN_MS = 500;
const SECRET = 'a secret of sixteen letters';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function rehome(
  argv: readonly string[],
  onLine?: (line: string, stop: () => void) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(REHOME, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text;
      onLine?.(text, () => child.kill('SIGTERM'));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ ...ended, code });
    });
  });
}

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-test-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function write(document: unknown): string {
  const file = join(dir, 'config.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

/** A free port of 127.0.0.1 for TCP. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function alone(httpPort: number): Promise<Record<string, unknown>> {
  return sampleDocument({
    dataDir: join(dir, 'data'),
    roster: { members: [{ pod: 'edge-0', mesh: `127.0.0.1:${await freePort()}` }] },
    mesh: { keys: [{ id: 'first', secret: SECRET }] },
    listeners: [{ name: 'public', bind: '127.0.0.1', port: await freePort(), transports: ['UDP', 'TCP'] }],
    http: { bind: `127.0.0.1:${httpPort}` },
  });
}

describe('rehome', () => {
  test.each([
    [['--help']],
    [['proxy', '--help']],
    [['demo', '--help']],
    [['status', '-h']],
    [['calls', '-h']],
    [['local', '--help']],
    [['get', '--help']],
    [['drain', '--help']],
  ])('%j explains and is no failure', async (argv) => {
    const ended = await rehome(argv);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('rehome');
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
    expect(await rehome(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([
    [[], 'rehome proxy --config FILE'],
    [['prxy'], 'no such command: prxy; did you mean proxy?'],
    [['toString'], 'no such command: toString'],
    [['uncordn'], 'no such command: uncordn; did you mean uncordon?'],
    [['local', '--node', '3'], 'unknown option --node; did you mean --nodes?'],
    [['local', '--nodes', '0'], '--nodes is a number from 1 to 50, not 0'],
    [['proxy'], '--config FILE is missing'],
    [['proxy', '--config', 'a', 'b'], 'Unexpected argument'],
    [['proxy', '--conf', 'a'], "Unknown option '--conf'"],
  ])('%j is a wrong command line', async (argv, message) => {
    const ended = await rehome(argv);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
  });
});

describe('rehome proxy', () => {
  test('ends with 2 and every problem, its path and its code', async () => {
    const file = write(sampleDocument({ pod: 'edge-8', log: { level: 'loud' }, extra: 1 }));
    const ended = await rehome(['proxy', '--config', file]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`${file}: 3 problems`);
    expect(ended.stderr).toMatch(/^ {2}extra: .* \[CONFIG_UNKNOWN_KEY\]$/m);
    expect(ended.stderr).toMatch(/^ {2}log\.level: .* \[CONFIG_VALUE\]$/m);
    expect(ended.stderr).toMatch(/^ {2}pod: .* \[CONFIG_REFERENCE\]$/m);
  });

  test('takes what a file leaves to the environment from there', async () => {
    const file = write(sampleDocument({ pod: '$(POD_NAME)' }));
    const ended = await rehome(['proxy', '--check', '--config', file], undefined, { POD_NAME: 'edge-0' });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends with 2 when the environment does not have it, beside the other problems', async () => {
    const file = write(sampleDocument({ dataDir: '$(POD_IP)', http: { bind: '$(POD_IPS):1' }, extra: 1 }));
    const ended = await rehome(['proxy', '--check', '--config', file], undefined, { POD_IP: '10.0.0.1' });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`${file}: 2 problems`);
    expect(ended.stderr).toMatch(/^ {2}http\.bind: .*did you mean \$\(POD_IP\).* \[CONFIG_VALUE\]$/m);
  });

  test('ends with 2 when the file is not there', async () => {
    const ended = await rehome(['proxy', '--config', join(dir, 'none.yaml'), '--check']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('[CONFIG_UNREADABLE]');
  });

  test.each([
    ['is not there', undefined, 'mesh.keyFile: .* [CONFIG_UNREADABLE]'],
    ['has no key', '# none', 'mesh.keyFile: .* [CONFIG_REQUIRED]'],
    ['has a secret that is too short', 'first short', 'mesh.keyFile line 1.secret: .* [CONFIG_VALUE]'],
  ])('ends with 2 when the key file %s, beside the other problems', async (_what, text, problem) => {
    const keyFile = join(dir, 'keys');
    rmSync(keyFile, { force: true });
    if (text !== undefined) writeFileSync(keyFile, text);
    const file = write(sampleDocument({ mesh: { keyFile }, extra: 1 }));
    const ended = await rehome(['proxy', '--check', '--config', file]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('2 problems');
    expect(ended.stderr).toMatch(new RegExp(problem.replace(/[[\]]/g, '\\$&')));
  });

  test('--check starts nothing', async () => {
    const ended = await rehome(['proxy', '--check', '--config', write(sampleDocument())]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('no problems');
  });

  test('ends with 1 and the address when a port is in use', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const ended = await rehome(['proxy', '--config', write(await alone(port))]);
    await new Promise((resolve) => holder.close(resolve));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(new RegExp(`^rehome: .*127\\.0\\.0\\.1:${port} .*another process`));
  });

  test('runs alone until SIGTERM, ends with 0, and logs no secret', async () => {
    const ended = await rehome(['proxy', '--config', write(await alone(await freePort()))], (line, stop) => {
      if (line.includes('"started"')) setTimeout(stop, RUN_MS);
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    for (const line of ended.stdout.trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), pod: 'edge-0' });
    expect(ended.stdout).not.toContain(SECRET);
  }, 60_000);

  test('outlives the reader of its log', async () => {
    const file = write(await alone(await freePort()));
    const child = spawn(REHOME, ['proxy', '--config', file], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!text.includes('"started"')) return;
      child.stdout.destroy();
      setTimeout(() => child.kill('SIGTERM'), RUN_MS);
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  }, 60_000);
});
