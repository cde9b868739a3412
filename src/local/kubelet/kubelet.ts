import type { Pod } from '../../kube/objects.ts';
import type { PodWorld } from './pod-world.ts';
import { PodWorker } from './pod-worker.ts';

/** What all pods of all nodes share, and the addresses of the nodes. */
export interface KubeletOptions extends Omit<PodWorld, 'hostIP' | 'finished'> {
  /** Node name to address. */
  readonly nodes: ReadonlyMap<string, string>;
}

/**
 * The kubelet of every node of this machine: runs pods that are bound to them as processes of `bin/rehome`.
 *
 * It leaves out: images, more than one container a pod, init containers, probes other than by HTTP, resources, security contexts,
 * hooks, eviction of its own, volumes other than configMap, secret and emptyDir, and variables from ConfigMaps and Secrets. Changed ConfigMaps
 * and Secrets reach running pods within seconds. Processes share the machine's file tree: mount paths in the command line and in the
 * texts of configMaps are turned into folders of this machine; those in the environment are not. What a container writes outlives a
 * restart of it, as in an emptyDir. It forgets its pods when it ends, and ends their processes.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  /** By uid: a pod that is replaced may live on beside the new one. */
  readonly #workers = new Map<string, PodWorker>();

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  /** Takes a pod that was added or changed; those of other nodes are left alone. */
  take(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const hostIP = this.#options.nodes.get(pod.spec.nodeName ?? '');
    if (hostIP === undefined) return;
    const worker = this.#workers.get(uid);
    if (worker !== undefined) {
      worker.update(pod);
      return;
    }
    const fresh = new PodWorker(pod, {
      ...this.#options,
      hostIP,
      finished: () => {
        this.#workers.delete(uid);
      },
    });
    this.#workers.set(uid, fresh);
    fresh.start();
  }

  /** The pod's object is gone. */
  remove(pod: Pod): void {
    this.#workers.get(pod.metadata.uid ?? '')?.remove();
  }

  /** Sends a signal to a pod's process; its process id, undefined if it has none. */
  signal(uid: string, signal: NodeJS.Signals): number | undefined {
    return this.#workers.get(uid)?.signal(signal);
  }

  /** Pods that have a process or an object still. */
  get size(): number {
    return this.#workers.size;
  }

  /** Processes that have not ended. */
  get running(): number {
    return [...this.#workers.values()].filter((worker) => worker.isRunning).length;
  }

  /** Kills all processes at once; what is not started yet is never started. */
  killAll(): void {
    for (const worker of this.#workers.values()) worker.abandon();
  }
}
