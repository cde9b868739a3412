import { KubeError, type KubeApi } from '../../kube/api.ts';
import { NODES, PODS } from '../../kube/kinds.ts';
import type { Node, Pod, PodCondition } from '../../kube/objects.ts';
import type { PodWorld } from '../kubelet/pod-world.ts';
import { isPassing, RETRY_MS } from '../kubelet/status-writer.ts';
import { BINDINGS, bindingOf } from '../kubernetes/binding.ts';
import { chooseNode } from './choose-node.ts';
import { pause } from '../until.ts';
import { follow, type Followed } from './follow.ts';
import { ObjectCache } from './object-cache.ts';

/** What the scheduler works with. */
export interface SchedulerOptions extends Pick<PodWorld, 'api' | 'say' | 'now'> {
  readonly signal: AbortSignal;
}

/** Binds pods without a node to nodes, one after the other, whenever pods or nodes change. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #pods = new ObjectCache<Pod>();
  readonly #nodes = new ObjectCache<Node>();
  /** Uid to the reason that was given last. */
  readonly #told = new Map<string, string>();
  #due = false;
  #working = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Works until `signal` aborts. */
  async run(): Promise<void> {
    const { api, signal } = this.#options;
    await Promise.all([
      follow(api, NODES, { signal, persists: true }, (change) => {
        this.#nodes.take(change);
        this.#wake();
      }),
      follow(api, PODS, { signal, persists: true }, (change) => {
        this.#takePod(change);
      }),
    ]);
  }

  #takePod(change: Followed<Pod>): void {
    for (const { metadata } of this.#pods.take(change)) this.#told.delete(metadata.uid ?? '');
    this.#wake();
  }

  #wake(): void {
    this.#due = true;
    if (!this.#working) void this.#work();
  }

  #wakeAfter(ms: number): void {
    void pause(ms).then(() => {
      if (!this.#options.signal.aborted) this.#wake();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#due) {
      this.#due = false;
      for (const pod of this.#pods.all().filter(isUnbound)) await this.#place(pod);
    }
    // In the same turn as the last look at what is due, so that no waking falls in between.
    this.#working = false;
  }

  async #place(pod: Pod): Promise<void> {
    const choice = chooseNode(pod, this.#nodes.all(), this.#pods.all());
    try {
      if ('node' in choice) await this.#bind(pod, choice.node);
      else await this.#refuse(pod, choice.reason);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Else it is gone, or somebody changed it: its next event says so.
      if (isPassing(error)) this.#wakeAfter(RETRY_MS);
    }
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { api, say } = this.#options;
    const { namespace = '', name } = pod.metadata;
    await api.create(BINDINGS, bindingOf(pod, node));
    // The next choice is made before the watch tells of this one.
    this.#pods.take({ type: 'MODIFIED', object: { ...pod, spec: { ...pod.spec, nodeName: node } } });
    const note = `Successfully assigned ${namespace}/${name} to ${node}`;
    say(pod, { type: 'Normal', reason: 'Scheduled', note });
  }

  async #refuse(pod: Pod, message: string): Promise<void> {
    const { api, say, now } = this.#options;
    const { namespace = '', name, uid = '' } = pod.metadata;
    if (this.#told.get(uid) === message) return;
    this.#told.set(uid, message);
    say(pod, { type: 'Warning', reason: 'FailedScheduling', note: message });
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: now(),
    };
    const status: Pod['status'] = { phase: 'Pending', conditions: [condition] };
    await patchStatus(api, { namespace, name, uid }, status);
  }
}

async function patchStatus(
  api: KubeApi,
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
  value: Pod['status'],
): Promise<void> {
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value },
  ] as const;
  await api.patch(PODS, { namespace, name }, operations, { subresource: 'status' });
}

function isUnbound({ metadata, spec }: Pod): boolean {
  return spec.nodeName === undefined && metadata.deletionTimestamp === undefined;
}
