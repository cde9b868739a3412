import type { KubeApi } from '../../kube/api.ts';
import { KubeError } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import type { Pod } from '../../kube/objects.ts';
import { pause } from '../until.ts';
import { follow } from './follow.ts';
import { ObjectCache } from './object-cache.ts';

const RETRY_MS = 1_000;

/** A pod that is to be there always, under a new name each time. */
export interface KeptPod {
  namespace: string;
  /** Names are this, a hyphen and a number that grows. */
  name: string;
  labels: Readonly<Record<string, string>>;
  spec: Pod['spec'];
}

/** Keeps one pod of a kind, as a Deployment of one replica does: another is made as soon as one goes or has ended. */
export class PodKeeper {
  readonly #api: KubeApi;
  readonly #kept: KeptPod;
  readonly #pods = new ObjectCache<Pod>();
  #count = 0;
  #making = false;

  constructor(api: KubeApi, kept: KeptPod) {
    this.#api = api;
    this.#kept = kept;
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { namespace, labels } = this.#kept;
    await follow(this.#api, PODS, { namespace, labels, signal }, (change) => {
      this.#pods.take(change);
      if (!signal.aborted) void this.#keep();
    });
  }

  async #keep(): Promise<void> {
    if (this.#making || this.#pods.all().some(isKept)) return;
    this.#making = true;
    try {
      const made = await this.#api.create(PODS, this.#next());
      this.#pods.take({ type: 'ADDED', object: made });
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      await pause(RETRY_MS);
    } finally {
      this.#making = false;
    }
    await this.#keep();
  }

  #next(): Pod {
    const { namespace, name, labels, spec } = this.#kept;
    const metadata = { name: `${name}-${this.#count}`, namespace, labels: { ...labels } };
    this.#count += 1;
    return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
  }
}

function isKept({ metadata, status }: Pod): boolean {
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return metadata.deletionTimestamp === undefined && !hasEnded;
}
