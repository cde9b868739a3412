import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../src/local/until.ts';
import { KUBECTL, outputOf, runTool, type Ended } from './chart-tools.ts';

const START_MS = 120_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** etcd and kube-apiserver of one test file alone, which may change what all namespaces share. */
export class ChartApi {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rehome-api-'));
  readonly #token = randomBytes(16).toString('hex');
  readonly #children: ChildProcess[] = [];

  #server = '';

  /** For programs that speak to the API by themselves. */
  get server(): { url: string; caFile: string } {
    return { url: this.#server, caFile: this.#file('pki/apiserver.crt') };
  }

  /** For helm and kubectl. */
  get env(): Record<string, string> {
    return { KUBECONFIG: this.#file('kubeconfig'), HELM_CACHE_HOME: this.#file('helm') };
  }

  async start(): Promise<void> {
    const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
    const [etcd, peers] = [client, peer].map((each) => `http://127.0.0.1:${each}`) as [string, string];
    this.#run('etcd', [
      ...['--data-dir', this.#file('etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
      ...['--initial-cluster', `default=${peers}`],
    ]);
    writeFileSync(this.#file('tokens.csv'), `${this.#token},admin,admin,"system:masters"\n`);
    await outputOf(runTool('openssl', ['genrsa', '-out', this.#file('sa.key'), '2048']));
    this.#run('kube-apiserver', [
      ...['--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
      ...['--cert-dir', this.#file('pki'), '--token-auth-file', this.#file('tokens.csv')],
      ...['--authorization-mode', 'RBAC', '--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', this.#file('sa.key')],
      ...['--service-account-signing-key-file', this.#file('sa.key')],
      ...['--service-cluster-ip-range', '10.96.0.0/24', '--disable-admission-plugins', 'ServiceAccount'],
    ]);
    this.#server = `https://127.0.0.1:${port}`;
    this.#writeKubeconfig();
    await until(() => this.#isReady(), START_MS, 'the API server');
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  kubectl(args: readonly string[], input = ''): Promise<Ended> {
    return runTool(KUBECTL, args, { env: this.env, input });
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #run(program: string, args: readonly string[]): void {
    const log = openSync(this.#file(`${program}.log`), 'a');
    this.#children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
  }

  #writeKubeconfig(): void {
    const { url, caFile } = this.server;
    const cluster = { server: url, 'certificate-authority': caFile };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token: this.#token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    };
    writeFileSync(this.#file('kubeconfig'), JSON.stringify(config));
  }

  async #isReady(): Promise<boolean> {
    if (!existsSync(this.#file('pki/apiserver.crt'))) return false;
    return (await this.kubectl(['get', '--raw', '/readyz'])).stdout === 'ok';
  }
}
