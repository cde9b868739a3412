import { randomBytes, randomUUID } from 'node:crypto';
import type { KubeApi } from '../../kube/api.ts';
import { SIP_CLUSTERS } from '../../kube/kinds.ts';
import { killOrphans } from '../kubelet/orphan-guard.ts';
import { ApiServer } from '../kubernetes/api-server.ts';
import { MemoryKubernetes } from '../kubernetes/memory-api.ts';
import { LocalMachine } from './local-machine.ts';
import { localNodes, type LocalNode } from './local-nodes.ts';
import { localPathsOf } from './local-paths.ts';
import { operatorPod } from './operator-pod.ts';
import { refusedChanges } from './refused-changes.ts';
import { PodKeeper } from './pod-keeper.ts';
import {
  makeLocalFolder,
  removeLocalState,
  writeLocalState,
  writeToken,
  type LocalPaths,
} from './state-file.ts';

const HOST = '127.0.0.1';
const TOKEN_BYTES = 32;

/** What a local cluster is made of. */
export interface LocalClusterOptions {
  paths: LocalPaths;
  nodes: number;
  zones: readonly string[];
  /** N in 127.0.N.x. */
  network: number;
  /** Of the API server; 0 for any that is free. */
  port: number;
  /** Whether an operator runs in it. */
  withOperator: boolean;
  /** Called with an error of its own that ended a part of it. */
  onFault: (error: unknown) => void;
}

/** Kubernetes on one machine: API server, nodes, scheduler, kubelet, and the operator as a pod. */
export class LocalCluster {
  readonly api: KubeApi;
  readonly nodes: readonly LocalNode[];
  readonly #options: LocalClusterOptions;
  readonly #server: ApiServer;
  readonly #machine: LocalMachine;
  readonly #stop = new AbortController();
  #url = '';

  private constructor(options: LocalClusterOptions) {
    this.#options = options;
    const { paths, network, port, onFault } = options;
    killOrphans(paths.processes);
    makeLocalFolder(paths);
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    writeToken(paths, token);
    const api = new MemoryKubernetes({ nowMs: Date.now, newUid: randomUUID, validate: refusedChanges });
    this.api = api;
    this.nodes = localNodes(options.nodes, options.zones, network);
    const { nodes } = this;
    const { pods: folder, processes } = paths;
    this.#machine = new LocalMachine({ api, nodes, network, folder, processes, onFault });
    const ownPaths = localPathsOf(api, this.#machine.kubelet);
    this.#server = new ApiServer({ api, host: HOST, port, token, ownPaths });
  }

  /** Starts all of it; other commands find it from then on. Rejects if the port is taken. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const cluster = new LocalCluster(options);
    await cluster.#start();
    return cluster;
  }

  /** URL of the API server. */
  get url(): string {
    return this.#url;
  }

  /** How many calls its clusters carry, as their status says. */
  async calls(): Promise<number> {
    const { items } = await this.api.list(SIP_CLUSTERS, {});
    return items.reduce((sum, { status }) => sum + (status?.dialogs ?? 0), 0);
  }

  /** Kills all processes and closes the server; resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#machine.stop();
    await this.#server.close();
    removeLocalState(this.#options.paths);
  }

  async #start(): Promise<void> {
    const { paths, network, withOperator, onFault } = this.#options;
    this.#url = await this.#server.listen();
    await this.#machine.start();
    if (withOperator) {
      const env = { REHOME_API_SERVER: this.#url, REHOME_API_TOKEN_FILE: paths.token };
      new PodKeeper(this.api, operatorPod(env)).run(this.#stop.signal).catch(onFault);
    }
    writeLocalState(paths, { server: this.#url, tokenFile: paths.token, network });
  }
}
