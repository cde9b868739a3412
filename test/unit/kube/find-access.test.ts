import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentialSource } from '../../../src/kube/credentials/credential-source.ts';
import { findAccess } from '../../../src/kube/credentials/find-access.ts';

const BASE64_CA = Buffer.from('the authority').toString('base64');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rehome-home-'));
  mkdirSync(join(home, '.kube'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** Writes a kubeconfig whose user and cluster have these fields. */
function kubeconfig(
  file: string,
  { user = {}, cluster = {}, name = 'one' }: { user?: object; cluster?: object; name?: string } = {},
): string {
  const path = join(home, file);
  const document = {
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}:6443`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `ns-${name}` } }],
  };
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** The ServiceAccount of a pod. */
function serviceAccount(): { serviceAccountFolder: string } {
  writeFileSync(join(home, 'token'), 'secret\n');
  writeFileSync(join(home, 'namespace'), 'rehome-system');
  return { serviceAccountFolder: home };
}

const POD = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };

describe('the API server is found', () => {
  test('nowhere', () => {
    expect(findAccess({}, { HOME: home })).toBeUndefined();
  });

  test('in a pod, by its ServiceAccount', () => {
    expect(findAccess(serviceAccount(), { HOME: home, ...POD })).toEqual({
      server: 'https://[fd00::1]:6443',
      token: { file: join(home, 'token') },
      ca: { file: join(home, 'ca.crt') },
      namespace: 'rehome-system',
    });
  });

  test('in this order: the named file, KUBECONFIG, the pod, the file of the person', () => {
    const pod = serviceAccount();
    const [own, listed, named] = ['.kube/config', 'listed', 'named'].map((file) =>
      kubeconfig(file, { name: file.replace('.kube/', '') }),
    ) as [string, string, string];
    const find = (environment: Record<string, string>, options = {}): string | undefined =>
      findAccess({ ...pod, ...options }, { HOME: home, ...environment })?.server;
    expect(own).not.toBe('');
    expect(find({ ...POD, KUBECONFIG: listed }, { kubeconfig: named })).toBe('https://named:6443');
    expect(find({ ...POD, KUBECONFIG: listed })).toBe('https://listed:6443');
    expect(find(POD)).toBe('https://[fd00::1]:6443');
    expect(find({})).toBe('https://config:6443');
  });

  test('in a list of files, of which the first that names something stands and some are not there', () => {
    const [first, second] = [kubeconfig('a', { name: 'a' }), kubeconfig('b', { name: 'b' })];
    const environment = { HOME: home, KUBECONFIG: `${join(home, 'none')}:${first}:${second}` };
    expect(findAccess({}, environment)).toEqual({ server: 'https://a:6443', namespace: 'ns-a' });
    expect(findAccess({ context: 'b' }, environment)).toEqual({
      server: 'https://b:6443',
      namespace: 'ns-b',
    });
  });

  test('with certificates beside the file or in it, and without checks if it says so', () => {
    const file = kubeconfig('c', {
      user: { 'client-certificate': 'me.crt', 'client-key': '/keys/me.key' },
      cluster: {
        ...{ 'certificate-authority-data': BASE64_CA, 'certificate-authority': 'unused' },
        ...{ 'tls-server-name': 'api.test', 'insecure-skip-tls-verify': true },
      },
    });
    expect(findAccess({ kubeconfig: file }, { HOME: home })).toEqual({
      server: 'https://one:6443',
      namespace: 'ns-one',
      ca: { text: 'the authority' },
      tlsServerName: 'api.test',
      insecure: true,
      clientCertificate: { file: join(home, 'me.crt') },
      clientKey: { file: '/keys/me.key' },
    });
  });

  test('with the token in a file, if there is one in the kubeconfig too', () => {
    const file = kubeconfig('g', { user: { token: 'first', tokenFile: 'token' } });
    expect(findAccess({ kubeconfig: file }, { HOME: home })).toMatchObject({
      token: { file: join(home, 'token') },
    });
  });

  test.each([
    ['a file that is not there', 'none', {}, /^there is no .*none$/],
    ['an unknown context', 'd', { context: 'x' }, /no context "x"$/],
    ['an unknown way to say who one is', 'd', {}, /auth-provider cannot be used$/],
  ])('and %s is said', (_name, name, options, message) => {
    kubeconfig('d', { user: { 'auth-provider': { name: 'gcp' } } });
    expect(() => findAccess({ kubeconfig: join(home, name), ...options }, { HOME: home })).toThrow(message);
  });

  test('and a text that is no kubeconfig is said', () => {
    writeFileSync(join(home, '.kube/config'), 'a: [');
    expect(() => findAccess({}, { HOME: home })).toThrow(/config: /);
  });
});

describe('a program that gives credentials', () => {
  /** A program that counts how often it ran, and says so in its token. */
  function program(status: string): string {
    const path = join(home, 'plugin');
    const count = join(home, 'count');
    const answer = `{"kind":"ExecCredential","status":{"token":"t-\${n}-$MINE"${status}}}`;
    const lines = ['#!/bin/sh', `echo x >> ${count}`, `n=$(wc -l < ${count})`, `cat <<END`, answer, 'END'];
    writeFileSync(path, lines.join('\n'));
    chmodSync(path, 0o755);
    return path;
  }

  function source(command: string, wallMs = (): number => 0): ReturnType<typeof credentialSource> {
    const exec = { command, env: [{ name: 'MINE', value: 'env' }], installHint: 'install it' };
    const access = findAccess({ kubeconfig: kubeconfig('e', { user: { exec } }) }, { HOME: home });
    if (access === undefined) throw new Error('no access');
    return credentialSource(access, wallMs);
  }

  test('is asked once, and again when they were refused', async () => {
    const credentials = source(program(''));
    expect(await credentials.current()).toEqual({ token: 't-1-env' });
    expect(await credentials.current()).toEqual({ token: 't-1-env' });
    expect(credentials.canChange).toBe(true);
    credentials.refused(await credentials.current());
    expect(await credentials.current()).toEqual({ token: 't-2-env' });
  });

  test('is told of the cluster if it wants to be: authorities as data, and what is meant for it', async () => {
    writeFileSync(join(home, 'ca.crt'), 'the authority');
    const path = join(home, 'curious');
    const answer = `{"kind":"ExecCredential","status":{"token":"'$(echo "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')'"}}`;
    writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    const exec = { command: path, provideClusterInfo: true };
    const extension = { audience: 'rehome' };
    const cluster = {
      'certificate-authority': 'ca.crt',
      'tls-server-name': 'api.test',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension }, { name: 'other' }],
    };
    const access = findAccess({ kubeconfig: kubeconfig('h', { user: { exec }, cluster }) }, { HOME: home });
    const { token = '' } = await credentialSource({ server: '', ...access }, () => 0).current();
    expect(JSON.parse(Buffer.from(token, 'base64').toString())).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: {
        interactive: false,
        cluster: {
          server: 'https://one:6443',
          'tls-server-name': 'api.test',
          'certificate-authority-data': BASE64_CA,
          config: { audience: 'rehome' },
        },
      },
    });
  });

  test('runs once for all who wait for it, and who were refused what it gave before', async () => {
    let nowMs = 0;
    const credentials = source(program(',"expirationTimestamp":"1970-01-01T00:01:00Z"'), () => nowMs);
    const old = await credentials.current();
    nowMs = 55_000;
    const asked = await Promise.all([1, 2, 3].map(() => credentials.current()));
    expect(asked).toEqual([1, 2, 3].map(() => ({ token: 't-2-env' })));
    nowMs = 0;
    credentials.refused(old);
    expect(await credentials.current()).toEqual({ token: 't-2-env' });
  });

  test('is not asked if there is a token or a certificate', async () => {
    const exec = { command: './no-such-program' };
    const file = kubeconfig('f', { user: { exec, token: 'own' } });
    const access = findAccess({ kubeconfig: file }, { HOME: home });
    expect(await credentialSource({ server: '', ...access }, () => 0).current()).toEqual({ token: 'own' });
  });

  test.each([
    [',"token":""', /gave neither a token nor a certificate$/],
    [',"clientCertificateData":"c"', /gave only one of certificate and key$/],
  ])('that gives %s is said', async (status, message) => {
    await expect(source(program(status)).current()).rejects.toThrow(message);
  });

  test('is asked again before they end', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const credentials = source(program(',"expirationTimestamp":"2026-01-01T00:01:00Z"'), () => nowMs);
    expect(await credentials.current()).toEqual({ token: 't-1-env' });
    nowMs += 49_000;
    expect(await credentials.current()).toEqual({ token: 't-1-env' });
    nowMs += 2000;
    expect(await credentials.current()).toEqual({ token: 't-2-env' });
  });

  test('that is not there is said with how it comes there', async () => {
    await expect(source('./no-such-program').current()).rejects.toThrow(/is not there; install it$/);
  });
});
