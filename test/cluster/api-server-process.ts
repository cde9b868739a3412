import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RestClient } from '../../src/kube/rest-client.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import { until } from '../../src/local/until.ts';
import { CertificateAuthority, type Holder, type Identity } from '../integration/kube/certificates.ts';

/** Generous: the machine may have other things to do. */
const READY_MS = 120_000;
const END_MS = 30_000;
const SHOWN_LOG = 2000;

/** Every request with who asked and what came of it, without bodies. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** How a server is reached, in words that another process can be told. */
export interface ApiAddress {
  url: string;
  /** The server's own certificate, which is its authority too. */
  caFile: string;
  /** Of a user who may do everything. */
  adminToken: string;
  /** File for kubectl and helm, with that user. */
  kubeconfig: string;
  /** File with one JSON object (audit.k8s.io/v1 Event) a line. */
  auditLog: string;
}

/**
 * A real etcd and a real kube-apiserver on loopback, with RBAC, without any controller: nothing collects garbage, no namespace
 * ends, no PodDisruptionBudget gets a status. The programs are on PATH. The server can be stopped and started again on
 * the same data and address.
 */
export class ApiServerProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rehome-api-'));
  readonly #token = randomBytes(16).toString('hex');
  readonly #clients = new CertificateAuthority('clients');
  #etcd: ChildProcess | undefined;
  #server: ChildProcess | undefined;
  #ports: { client: number; peer: number; server: number } | undefined;

  get address(): ApiAddress {
    return {
      url: `https://127.0.0.1:${this.#ports?.server}`,
      caFile: this.file('pki/apiserver.crt'),
      adminToken: this.#token,
      kubeconfig: this.file('kubeconfig'),
      auditLog: this.file('audit.log'),
    };
  }

  /** Starts what does not run; resolves when the server is ready. Rejects with the end of its log if it ends before. */
  async start(): Promise<void> {
    if (this.#ports === undefined) await this.#prepare();
    this.#etcd ??= this.#startEtcd();
    this.#server ??= this.#startServer();
    await until(() => this.#isReady(), READY_MS, 'the API server to be ready');
  }

  /** Kills the server, as a machine does that fails; etcd goes on. */
  async stopServer(): Promise<void> {
    await killed(this.#server);
    this.#server = undefined;
  }

  /** Ends both and removes their data. */
  async close(): Promise<void> {
    await this.stopServer();
    await killed(this.#etcd);
    this.#etcd = undefined;
    this.#keepAuditLog();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A client as the user of a token, who may do everything if none is given. */
  client(token: string = this.#token): RestClient {
    const { url: server, caFile } = this.address;
    return new RestClient({ server, ca: { file: caFile }, token: { text: token }, random: Math.random });
  }

  /** A certificate by which the server knows a user, whose group is the organization. */
  identityOf(user: Holder): Identity {
    return this.#clients.issue(user);
  }

  /** A file of this server's own folder. */
  protected file(name: string): string {
    return join(this.#folder, name);
  }

  async #prepare(): Promise<void> {
    const [client, peer, server] = await Promise.all([freePort(), freePort(), freePort()]);
    this.#ports = { client, peer, server };
    writeFileSync(this.file('tokens.csv'), `${this.#token},admin,admin,"system:masters"\n`);
    writeFileSync(this.file('clients.crt'), this.#clients.certificate);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(this.file('sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
    writeFileSync(this.file('audit.json'), JSON.stringify(AUDIT_POLICY));
    writeFileSync(this.file('kubeconfig'), JSON.stringify(kubeconfig(this.address)));
  }

  #startEtcd(): ChildProcess {
    const [client, peers] = [this.#ports?.client, this.#ports?.peer].map(
      (port) => `http://127.0.0.1:${port}`,
    );
    return this.#run('etcd', [
      ...['--data-dir', this.file('etcd'), '--unsafe-no-fsync'],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
      `--initial-cluster=default=${peers}`,
    ]);
  }

  #startServer(): ChildProcess {
    return this.#run('kube-apiserver', [
      ...['--etcd-servers', `http://127.0.0.1:${this.#ports?.client}`],
      ...['--bind-address', '127.0.0.1', '--secure-port', String(this.#ports?.server)],
      ...['--cert-dir', this.file('pki'), '--token-auth-file', this.file('tokens.csv')],
      ...['--client-ca-file', this.file('clients.crt')],
      ...['--authorization-mode', 'RBAC', '--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', this.file('sa.key')],
      ...['--service-account-signing-key-file', this.file('sa.key')],
      ...['--service-cluster-ip-range', '10.96.0.0/16', '--disable-admission-plugins', 'ServiceAccount'],
      ...['--audit-policy-file', this.file('audit.json'), '--audit-log-path', this.file('audit.log')],
    ]);
  }

  #run(program: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.file(`${program}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    // Whoever runs the tests may be interrupted: nothing is left behind.
    process.once('exit', () => child.kill('SIGKILL'));
    child.once('error', () => undefined);
    return child;
  }

  /** For the test that looks at what everybody asked in the whole run. */
  #keepAuditLog(): void {
    const { auditLog } = this.address;
    const folder = process.env['REHOME_AUDIT_FOLDER'];
    if (folder === undefined || !existsSync(auditLog)) return;
    cpSync(auditLog, join(folder, `${basename(this.#folder)}.log`));
  }

  async #isReady(): Promise<boolean> {
    for (const [name, child] of [['etcd', this.#etcd] as const, ['kube-apiserver', this.#server] as const])
      if (hasEnded(child)) throw new Error(`${name} ended: ${this.#logEnd(name)}`);
    const { url, caFile } = this.address;
    if (!existsSync(caFile)) return false;
    const transport = new HttpTransport({
      ...{ server: url, ca: { file: caFile }, token: { text: this.#token }, random: Math.random },
    });
    try {
      return (await transport.ask({ method: 'GET', path: '/readyz' })) === 'ok';
    } catch {
      return false;
    } finally {
      transport.close();
    }
  }

  #logEnd(program: string): string {
    const log = this.file(`${program}.log`);
    return existsSync(log) ? readFileSync(log, 'utf8').slice(-SHOWN_LOG) : '';
  }
}

function kubeconfig({ url, caFile, adminToken }: ApiAddress): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
  };
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function killed(child: ChildProcess | undefined): Promise<void> {
  child?.kill('SIGKILL');
  await until(() => hasEnded(child), END_MS, 'the end of a process');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
