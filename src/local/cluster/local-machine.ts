import type { KubeApi } from '../../kube/api.ts';
import { EventRecorder } from '../../kube/event-recorder.ts';
import { PODS } from '../../kube/kinds.ts';
import type { Pod } from '../../kube/objects.ts';
import { systemClock } from '../../runtime/clock.ts';
import { ChildProcesses } from '../kubelet/child-processes.ts';
import { askHttpProbe } from '../kubelet/http-probe.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import { OrphanGuard } from '../kubelet/orphan-guard.ts';
import { PodAddresses } from '../kubelet/pod-addresses.ts';
import type { PodWorld } from '../kubelet/pod-world.ts';
import { until } from '../until.ts';
import { follow, type Followed } from './follow.ts';
import { registerNode, renewLease, RENEW_MS, type LocalNode } from './local-nodes.ts';
import { ObjectCache } from './object-cache.ts';
import { Scheduler } from './scheduler.ts';

const GONE_WITHIN_MS = 5_000;

/** What a machine works with. */
export interface LocalMachineOptions {
  readonly api: KubeApi;
  readonly nodes: readonly LocalNode[];
  /** N in 127.0.N.x, where pods are. */
  readonly network: number;
  /** Where each pod has a folder, and the file that lists their processes. */
  readonly folder: string;
  readonly processes: string;
  /** Called with an error of its own that ended a part of it, or that passes. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Nodes with a kubelet each, and a scheduler, on any Kubernetes API that they may use: pods become processes of this machine. What
 * goes on while nobody answers goes on; what was missed is made good.
 */
export class LocalMachine {
  readonly kubelet: Kubelet;
  readonly #options: LocalMachineOptions;
  readonly #stop = new AbortController();
  #leases: NodeJS.Timeout | undefined;

  constructor(options: LocalMachineOptions) {
    this.#options = options;
    const { api, nodes, network, folder, processes, onFault } = options;
    this.kubelet = new Kubelet({
      api,
      clock: systemClock,
      runner: new ChildProcesses(new OrphanGuard(processes)),
      askProbe: askHttpProbe,
      addresses: new PodAddresses(network),
      nodes: new Map(nodes.map(({ name, address }) => [name, address])),
      folder,
      now,
      say: sayer(api, 'kubelet'),
      fault: onFault,
    });
  }

  /** Registers the nodes and begins to run what is bound to them. */
  async start(): Promise<void> {
    const { api, nodes, onFault } = this.#options;
    for (const node of nodes) await registerNode(api, node, now());
    this.#leases = setInterval(() => {
      for (const node of nodes) renewLease(api, node, now()).catch(onFault);
    }, RENEW_MS);
    const { signal } = this.#stop;
    this.#runKubelet().catch(onFault);
    new Scheduler({ api, signal, now, say: sayer(api, 'default-scheduler') }).run().catch(onFault);
  }

  /** Kills all processes; resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#leases);
    this.kubelet.killAll();
    await until(() => this.kubelet.running === 0, GONE_WITHIN_MS, 'all processes to end').catch(
      this.#options.onFault,
    );
  }

  #runKubelet(): Promise<void> {
    const pods = new ObjectCache<Pod>();
    const { signal } = this.#stop;
    const take = (change: Followed<Pod>): void => {
      if (signal.aborted) return;
      for (const gone of pods.take(change)) this.kubelet.remove(gone);
      if (change.type === 'SEEN') for (const pod of change.objects) this.kubelet.take(pod);
      else if (change.type !== 'DELETED') this.kubelet.take(change.object);
    };
    return follow(this.#options.api, PODS, { signal, persists: true }, take);
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
