import { memberId } from '../api/member-id.ts';
import type { ObjectMeta } from '../api/object-type.ts';
import { containerPort } from '../kube/container-port.ts';
import { KubeError, type KubeApi } from '../kube/api.ts';
import type { Pod } from '../kube/objects.ts';
import { CONTROL_PORT, PORT_NAMES } from '../api/pod-ports.ts';
import type { Observed, ObservedOperator } from '../reconcile/observed.ts';
import { eventStep } from '../reconcile/cluster-events.ts';
import type { EventSubject, Plan, Step } from '../reconcile/plan-type.ts';
import { soundWorld } from '../reconcile/sound.ts';
import type { Logger } from '../runtime/logger.ts';
import type { LinkedPod, PodLinks } from './links/pod-links.ts';
import type { OperatorMetrics } from './metrics.ts';
import { meshKeysOf, observe, type ClusterObjects } from './observe.ts';
import { isRefusal, RefusedPods } from './refused-pods.ts';
import { OwnWrites, type HasSeen } from './own-writes.ts';
import { LeadershipLost, perform, type FailedStep } from './steps/perform.ts';
import type { StepContext, StepOf } from './steps/step-context.ts';
import { witnessState } from './vote/witness-state.ts';
import type { Witness } from './vote/witness.ts';

/** The name of the operator's process in a cluster's mesh. */
export const OPERATOR_NAME = 'operator';

/** A cache that catches up says so; that it lost its watch meanwhile is found out after this. */
const UNINFORMED_PAUSE_MS = 500;

const NAMESPACE_ENDS = /namespace \S+ because it is being terminated/;

/** What looking after one cluster needs. */
export interface ManagedClusterParts {
  readonly api: KubeApi;
  readonly links: PodLinks;
  readonly witness: Witness;
  readonly plan: (observed: Observed, nowMs: number) => Plan;
  readonly leads: () => boolean;
  /** Number of the leadership, when it began, and host:port of the vote. */
  readonly leadership: () => Pick<ObservedOperator, 'term' | 'leadingSinceMs' | 'mesh'>;
  readonly event: (step: StepOf<'event'>, namespace: string) => void;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
}

/** One cluster under this leader: observes, plans and performs, over and over. */
export class ManagedCluster {
  readonly uid: string;
  readonly #parts: ManagedClusterParts;
  readonly #writes = new OwnWrites();
  readonly #refused = new RefusedPods();
  #hasPlanned = false;
  /** Its namespace is being deleted, which nothing takes back. */
  #isEnding = false;

  constructor(uid: string, parts: ManagedClusterParts) {
    this.uid = uid;
    this.#parts = parts;
  }

  /**
   * Does what there is to do now. Resolves to the time (milliseconds since 1970) when there is more though nothing changes;
   * rejects if steps failed that are to be tried again.
   */
  async reconcile(objects: ClusterObjects, hasSeen: HasSeen): Promise<number> {
    const keys = meshKeysOf(objects);
    this.#parts.links.setPods(linkedPods(objects.pods), keys);
    if (this.#isEnding) return Infinity;
    if (!this.#isInformed(hasSeen)) return this.#parts.nowMs() + UNINFORMED_PAUSE_MS;
    this.#hasPlanned = true;
    const observed = this.#observe(objects);
    this.#parts.witness.set(witnessState(observed, keys));
    const plan = this.#parts.plan(observed, this.#parts.nowMs());
    const { metadata } = objects.cluster;
    const { generation = 0 } = metadata;
    const steps = this.#refused.without(plan.steps, generation, this.#parts.nowMs());
    const failed = await perform(steps, this.#contextOf(metadata));
    if (failed.some(({ error }) => isOfEndingNamespace(error))) return this.#end();
    this.#note(steps, failed);
    this.#tellRefused(metadata, steps, failed);
    const serious = failed.filter(({ step, error }) => step.type !== 'createPod' || !isRefusal(error));
    if (serious.length > 0) throw new StepsFailed(serious);
    return Math.min(plan.againAtMs, this.#refused.dueAtMs(this.#parts.nowMs()));
  }

  /** Leaves the cluster as it is. */
  async stop(): Promise<void> {
    this.#parts.links.stop();
    await this.#parts.witness.stop();
  }

  /** What it knows is not older than what it did, and the first plan knows of each pod whether it answers. */
  #isInformed(hasSeen: HasSeen): boolean {
    return this.#writes.seenBy(hasSeen) && (this.#hasPlanned || this.#parts.links.areTried);
  }

  #observe(objects: ClusterObjects): Observed {
    const { links, witness, leadership } = this.#parts;
    const operator = {
      ...leadership(),
      member: memberId(OPERATOR_NAME, this.uid),
      vote: witness.vote,
    };
    const observed = soundWorld(observe(objects, (uid) => links.view(uid), operator));
    return { ...observed, refusedPods: this.#refused.refused };
  }

  #contextOf(cluster: ObjectMeta): StepContext {
    const { api, leads, links, event, nowMs } = this.#parts;
    const namespace = cluster.namespace ?? '';
    return {
      api,
      namespace,
      cluster,
      leads,
      wallMs: nowMs,
      wrote: (kind, object) => {
        this.#writes.wrote(kind, object);
      },
      wish: (uid, state) => {
        links.wish(uid, state);
      },
      event: (step) => {
        event(step, namespace);
      },
    };
  }

  /** Says which pods Kubernetes does not take, and why. */
  #tellRefused({ name, namespace = '', uid = '' }: ObjectMeta, steps: Step[], failed: FailedStep[]): void {
    const about: EventSubject = { kind: 'SipCluster', name, uid };
    for (const { name: pod, why } of this.#refused.learn(steps, failed, this.#parts.nowMs())) {
      const step = eventStep(about, 'PodRefused', `${pod}: ${why}`);
      if (step.type === 'event') this.#parts.event(step, namespace);
    }
  }

  /** The pods end by themselves, and the rest is the garbage collector's. */
  #end(): number {
    this.#isEnding = true;
    this.#parts.log.info('the namespace is being deleted: nothing more is done for the cluster');
    return Infinity;
  }

  #note(steps: readonly Step[], failed: readonly FailedStep[]): void {
    const { log, metrics } = this.#parts;
    const errors = new Map(failed.map(({ step, error }) => [step, error]));
    for (const step of steps) {
      const error = errors.get(step);
      if (error instanceof LeadershipLost) continue;
      const outcome = errors.has(step) ? 'failed' : 'done';
      metrics.steps.inc({ type: step.type, outcome });
      if (outcome === 'failed')
        log.warn(step.reason, { code: 'STEP_FAILED', step: step.type, error: String(error) });
      else log.info(step.reason, { step: step.type, ...aboutOf(step) });
    }
    metrics.plans.inc({ outcome: failed.length > 0 ? 'failed' : steps.length > 0 ? 'done' : 'unchanged' });
  }
}

/** Steps that will be planned again. */
export class StepsFailed extends Error {
  constructor(failed: readonly FailedStep[]) {
    super(failed.map(({ step, error }) => `${step.type}: ${String(error)}`).join('; '));
    this.name = 'StepsFailed';
  }
}

/** As the admission of Kubernetes says it (NamespaceLifecycle). */
function isOfEndingNamespace(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'Forbidden' && NAMESPACE_ENDS.test(error.message);
}

function linkedPods(pods: readonly Pod[]): LinkedPod[] {
  return pods.flatMap((pod) => {
    const { metadata, status } = pod;
    const address = status?.podIP ?? '';
    if (address === '' || status?.phase !== 'Running') return [];
    const port = containerPort(pod, PORT_NAMES.control, CONTROL_PORT);
    return [{ uid: metadata.uid ?? '', name: metadata.name, control: { address, port } }];
  });
}

function aboutOf(step: Plan['steps'][number]): { name?: string } {
  if ('name' in step) return { name: step.name };
  if ('object' in step) return { name: step.object.metadata.name };
  if ('pod' in step) return { name: step.pod };
  return 'about' in step ? { name: step.about.name } : {};
}
