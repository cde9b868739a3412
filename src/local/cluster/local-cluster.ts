import { randomBytes, randomUUID } from 'node:crypto';
import type { KubeApi } from '../../kube/api.ts';
import { EventRecorder } from '../../kube/event-recorder.ts';
import { PODS, SIP_CLUSTERS } from '../../kube/kinds.ts';
import type { Pod } from '../../kube/objects.ts';
import { systemClock } from '../../runtime/clock.ts';
import { ChildProcesses } from '../kubelet/child-processes.ts';
import { askHttpProbe } from '../kubelet/http-probe.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import { killOrphans, OrphanGuard } from '../kubelet/orphan-guard.ts';
import { PodAddresses } from '../kubelet/pod-addresses.ts';
import type { PodWorld } from '../kubelet/pod-world.ts';
import { ApiServer } from '../kubernetes/api-server.ts';
import { MemoryKubernetes } from '../kubernetes/memory-api.ts';
import { until } from '../until.ts';
import { follow, type Followed } from './follow.ts';
import { localNodes, registerNode, renewLease, RENEW_MS, type LocalNode } from './local-nodes.ts';
import { localPathsOf } from './local-paths.ts';
import { ObjectCache } from './object-cache.ts';
import { operatorPod } from './operator-pod.ts';
import { refusedChanges } from './refused-changes.ts';
import { PodKeeper } from './pod-keeper.ts';
import { Scheduler } from './scheduler.ts';
import {
  makeLocalFolder,
  removeLocalState,
  writeLocalState,
  writeToken,
  type LocalPaths,
} from './state-file.ts';

const HOST = '127.0.0.1';
const TOKEN_BYTES = 32;
const GONE_WITHIN_MS = 5_000;

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
  readonly #kubelet: Kubelet;
  readonly #stop = new AbortController();
  #leases: NodeJS.Timeout | undefined;
  #url = '';

  private constructor(options: LocalClusterOptions) {
    this.#options = options;
    const { paths, network, port } = options;
    killOrphans(paths.processes);
    makeLocalFolder(paths);
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    writeToken(paths, token);
    const api = new MemoryKubernetes({ nowMs: Date.now, newUid: randomUUID, validate: refusedChanges });
    this.api = api;
    this.nodes = localNodes(options.nodes, options.zones, network);
    this.#kubelet = new Kubelet({
      api,
      clock: systemClock,
      runner: new ChildProcesses(new OrphanGuard(paths.processes)),
      askProbe: askHttpProbe,
      addresses: new PodAddresses(network),
      nodes: new Map(this.nodes.map(({ name, address }) => [name, address])),
      folder: paths.pods,
      now,
      say: sayer(api, 'kubelet'),
      fault: options.onFault,
    });
    this.#server = new ApiServer({
      api,
      host: HOST,
      port,
      token,
      ownPaths: localPathsOf(api, this.#kubelet),
    });
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
    clearInterval(this.#leases);
    this.#kubelet.killAll();
    await until(() => this.#kubelet.running === 0, GONE_WITHIN_MS, 'all processes to end').catch(
      this.#options.onFault,
    );
    await this.#server.close();
    removeLocalState(this.#options.paths);
  }

  async #start(): Promise<void> {
    const { paths, network, withOperator } = this.#options;
    this.#url = await this.#server.listen();
    for (const node of this.nodes) await registerNode(this.api, node, now());
    this.#leases = setInterval(() => {
      for (const node of this.nodes) renewLease(this.api, node, now()).catch(this.#options.onFault);
    }, RENEW_MS);
    this.#runKubelet();
    const { api } = this;
    const { signal } = this.#stop;
    this.#run(new Scheduler({ api, signal, now, say: sayer(api, 'default-scheduler') }).run());
    if (withOperator) {
      const env = { REHOME_API_SERVER: this.#url, REHOME_API_TOKEN_FILE: paths.token };
      this.#run(new PodKeeper(api, operatorPod(env)).run(signal));
    }
    writeLocalState(paths, { server: this.#url, tokenFile: paths.token, network });
  }

  #runKubelet(): void {
    const pods = new ObjectCache<Pod>();
    const take = (change: Followed<Pod>): void => {
      if (this.#stop.signal.aborted) return;
      for (const gone of pods.take(change)) this.#kubelet.remove(gone);
      if (change.type === 'SEEN') for (const pod of change.objects) this.#kubelet.take(pod);
      else if (change.type !== 'DELETED') this.#kubelet.take(change.object);
    };
    this.#run(follow(this.api, PODS, { signal: this.#stop.signal }, take));
  }

  /** A part that ends by an error is told of; nothing else of it is waited for. */
  #run(part: Promise<void>): void {
    part.catch(this.#options.onFault);
  }
}

/** Writes Events in the name of a part of Kubernetes; one that cannot be written is left out. */
function sayer(api: KubeApi, controller: string): PodWorld['say'] {
  const recorder = new EventRecorder({
    api,
    clock: systemClock,
    wallMs: Date.now,
    controller,
    instance: 'rehome-local',
  });
  return (about, what) => {
    recorder.record(about, { ...what, action: what.reason });
  };
}

function now(): string {
  return new Date().toISOString();
}
