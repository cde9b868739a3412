import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DialogShard } from '../api/dialog-shard-type.ts';
import type { KubeObject } from '../api/object-type.ts';
import type { SipCluster } from '../api/sip-cluster-type.ts';
import type { ResourceKind } from '../kube/api.ts';
import { DIALOG_SHARDS, PODS, SIP_CLUSTERS } from '../kube/kinds.ts';
import type { Pod } from '../kube/objects.ts';
import { RestClient } from '../kube/rest-client.ts';
import { localPaths, readLocalState } from './cluster/state-file.ts';
import { until } from './until.ts';

/** What a command wrote and how it ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** How `rehome local` is started. */
export interface DemoClusterOptions {
  /** Text of the file that it applies. */
  manifest: string;
  /** N in 127.0.N.x, where pods listen. */
  network: number;
  nodes?: number;
  /** Environment of `rehome local` beside this process's own. */
  env?: Readonly<Record<string, string>>;
}

const REHOME = fileURLToPath(new URL('../../bin/rehome', import.meta.url));
const STARTED_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 20_000;
const COMMAND_WITHIN_MS = 120_000;
const LOG_TAIL_LINES = 30;

/** A `rehome local` in a process of its own: changed by the commands that a person would type, watched by its API. */
export class DemoCluster {
  readonly folder: string;
  readonly network: number;
  readonly #process: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ended: Promise<void>;
  #isRunning = true;
  #api: RestClient | undefined;

  private constructor(folder: string, options: DemoClusterOptions) {
    this.folder = folder;
    this.network = options.network;
    // Options of the parent's own Node are not for the commands.
    this.#env = { ...process.env, NODE_OPTIONS: '', REHOME_LOCAL_DIR: join(folder, 'local'), ...options.env };
    const log = openSync(this.#log, 'a');
    const { nodes = 3, network } = options;
    const args = ['local', '-f', this.file('cluster.yaml', options.manifest)];
    this.#process = spawn(REHOME, [...args, '--nodes', String(nodes), '--network', String(network)], {
      stdio: ['ignore', log, log],
      env: this.#env,
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      const gone = (): void => {
        this.#isRunning = false;
        resolve();
      };
      this.#process.once('exit', gone);
      this.#process.once('error', gone);
    });
    process.once('exit', this.#endAtExit);
  }

  /** Starts it; resolves when it answers commands. Rejects with the end of its log when it does not. */
  static async start(options: DemoClusterOptions): Promise<DemoCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'rehome-'));
    mkdirSync(join(folder, 'local'));
    const cluster = new DemoCluster(folder, options);
    const answers = async (): Promise<boolean> => {
      if (!cluster.#isRunning) throw new Error('rehome local ended');
      return (await cluster.run('get', 'nodes')).code === 0;
    };
    try {
      await until(answers, STARTED_WITHIN_MS, 'rehome local to answer');
    } catch (error) {
      const tail = cluster.logTail();
      await cluster.stop();
      throw new Error(`rehome local did not start\n${tail}`, { cause: error });
    }
    return cluster;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Runs `rehome ARGS` to its end. */
  run(...args: string[]): Promise<CommandResult> {
    const child = spawn(REHOME, args, { stdio: ['ignore', 'pipe', 'pipe'], env: this.#env });
    const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_WITHIN_MS);
    const result: CommandResult = { code: -1, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ ...result, code: code ?? -1 });
      });
    });
  }

  /** Runs `rehome ARGS`; resolves to what it wrote. Rejects when it does not end with 0. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`rehome ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** The objects of a kind in a namespace. */
  async list<T extends KubeObject>(kind: ResourceKind<T>, namespace = 'default'): Promise<T[]> {
    const { items } = await this.#client().list(kind, kind.namespaced ? { namespace } : {});
    return items;
  }

  /** The pods of the SipCluster, by name. */
  async pods(): Promise<Pod[]> {
    return (await this.list(PODS)).sort((one, other) =>
      one.metadata.name.localeCompare(other.metadata.name, 'en', { numeric: true }),
    );
  }

  /** The pods of the operator. */
  operators(): Promise<Pod[]> {
    return this.list(PODS, 'rehome-system');
  }

  shards(): Promise<DialogShard[]> {
    return this.list(DIALOG_SHARDS);
  }

  /** The only SipCluster. */
  async sipCluster(): Promise<SipCluster> {
    const [found] = await this.list(SIP_CLUSTERS);
    if (found === undefined) throw new Error('there is no SipCluster');
    return found;
  }

  /** Writes a file for `-f` and resolves to its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** The last lines that `rehome local` wrote. */
  logTail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  /** Stops all of it and removes what it wrote. */
  async stop(): Promise<void> {
    process.off('exit', this.#endAtExit);
    this.#api?.close();
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await this.#ended;
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #client(): RestClient {
    if (this.#api !== undefined) return this.#api;
    const state = readLocalState(localPaths(this.#env));
    if (state === undefined) throw new Error('rehome local does not run');
    this.#api = new RestClient({
      server: state.server,
      token: { file: state.tokenFile },
      random: Math.random,
    });
    return this.#api;
  }

  get #log(): string {
    return join(this.folder, 'local.log');
  }

  readonly #endAtExit = (): void => {
    this.#process.kill('SIGKILL');
  };
}
