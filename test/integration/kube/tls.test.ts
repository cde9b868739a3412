import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findAccess } from '../../../src/kube/credentials/find-access.ts';
import { PODS } from '../../../src/kube/kinds.ts';
import { RestClient, type RestConfig } from '../../../src/kube/rest-client.ts';
import { refused } from './api-under-test.ts';
import { CertificateAuthority, type Identity } from './certificates.ts';

const REF = { namespace: 'default', name: 'p' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the REST client over TLS', () => {
  const authority = new CertificateAuthority('the cluster');
  const server: Server = createServer({
    ...keyPair(authority.issue({ commonName: 'kube-apiserver', names: ['127.0.0.1', 'api.test'] })),
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  });
  /** Common names of who asked, '' for a stranger. */
  const asked: string[] = [];
  let folder = '';
  let url = '';
  let client: RestClient | undefined;

  beforeAll(async () => {
    server.on('request', (request, response) => {
      const socket = request.socket as TLSSocket;
      asked.push(socket.authorized ? String(socket.getPeerCertificate().subject.CN) : '');
      response.end('{"metadata":{"name":"p"}}');
    });
    url = await listening(server);
  });

  afterAll(() => ended(server));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rehome-tls-'));
    asked.length = 0;
  });

  afterEach(() => {
    client?.close();
    rmSync(folder, { recursive: true });
  });

  /** A client as a kubeconfig describes it. */
  function byKubeconfig(cluster: object, user: object, more: Partial<RestConfig> = {}): RestClient {
    const file = join(folder, 'config');
    const document = {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: url, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    };
    writeFileSync(file, JSON.stringify(document));
    const access = findAccess({ kubeconfig: file }, {});
    client = new RestClient({ server: '', ...access, random: () => 0, ...more });
    return client;
  }

  test('shows the certificate in the kubeconfig', async () => {
    const { certificate, key } = authority.issue({ commonName: 'alice' });
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    const api = byKubeconfig({ 'certificate-authority-data': base64(authority.certificate) }, user);
    expect(await api.get(PODS, REF)).toMatchObject({ metadata: { name: 'p' } });
    expect(asked).toEqual(['alice']);
  });

  test('shows the certificate that a program gives, and another one when that has ended', async () => {
    const program = join(folder, 'plugin');
    const give = (commonName: string): void => {
      const { certificate, key } = authority.issue({ commonName });
      const status = {
        // One that has ended is asked for again with each request.
        expirationTimestamp: '2020-01-01T00:00:00Z',
        ...{ clientCertificateData: certificate, clientKeyData: key },
      };
      const answer = JSON.stringify({ kind: 'ExecCredential', status });
      writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`, { mode: 0o755 });
    };
    const cluster = { 'certificate-authority-data': base64(authority.certificate) };
    const api = byKubeconfig(cluster, { exec: { command: program } });
    for (const name of ['bob', 'bob-renewed']) {
      give(name);
      await api.get(PODS, REF);
    }
    expect(asked).toEqual(['bob', 'bob-renewed']);
  });

  test('asks no server whose certificate is from somebody else, unless it is told not to care', async () => {
    const stranger = new CertificateAuthority('the cluster').certificate;
    const cluster = { 'certificate-authority-data': base64(stranger) };
    await expect(byKubeconfig(cluster, {}).get(PODS, REF)).rejects.toEqual(refused('Unreachable', 0));
    await expect(byKubeconfig({}, {}).get(PODS, REF)).rejects.toEqual(refused('Unreachable', 0));
    expect(asked).toEqual([]);
    await byKubeconfig({ 'insecure-skip-tls-verify': true }, {}).get(PODS, REF);
    expect(asked).toEqual(['']);
  });

  test('takes the certificate for the name that it is told, and for no other', async () => {
    const file = join(folder, 'ca.crt');
    writeFileSync(file, authority.certificate);
    const named = (name: string): RestClient =>
      byKubeconfig({ 'certificate-authority': 'ca.crt', 'tls-server-name': name }, {});
    await named('api.test').get(PODS, REF);
    await expect(named('other.test').get(PODS, REF)).rejects.toThrow(/other\.test/);
  });

  test('leaves a server that takes connections and says nothing', async () => {
    const silent: TcpServer = createTcpServer((socket) => socket.resume().on('error', () => undefined));
    const { port } = new URL(await listening(silent));
    const server = `https://127.0.0.1:${port}`;
    const api = byKubeconfig({ server }, {}, { connectTimeoutMs: 50, answerTimeoutMs: 20_000 });
    await expect(api.get(PODS, REF)).rejects.toThrow('no connection in 50 ms');
    const { signal } = new AbortController();
    const watch = api.watch(PODS, { resourceVersion: '1', signal }, () => undefined);
    await expect(watch).rejects.toThrow('no connection in 50 ms');
    await ended(silent);
  });
});

function keyPair({ certificate, key }: Identity): { cert: string; key: string } {
  return { cert: certificate, key };
}

async function listening(server: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function ended(server: TcpServer | Server): Promise<void> {
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
