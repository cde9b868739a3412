import { setImmediate } from 'node:timers/promises';
import { memberId } from '../api/member-id.ts';
import type { HostPort } from '../api/address.ts';
import type { KubeApi } from '../kube/api.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import type { Observed } from '../reconcile/observed.ts';
import type { Plan } from '../reconcile/plan-type.ts';
import { hostPort } from '../reconcile/pod-view.ts';
import { highestEpochs } from '../reconcile/roster-view.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Caches } from './caches.ts';
import { PodLinks } from './links/pod-links.ts';
import { ManagedCluster, OPERATOR_NAME, StepsFailed } from './managed-cluster.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { ClusterObjects } from './observe.ts';
import { tellOrphans } from './orphans.ts';
import { LeadershipLost } from './steps/perform.ts';
import type { StepOf } from './steps/step-context.ts';
import { MeshPorts } from './vote/mesh-ports.ts';
import { openWitnessNode } from './vote/witness-node.ts';
import { Witness } from './vote/witness.ts';

/** Clusters that are looked after at a time; each mostly waits for the API. */
const WORKERS = 8;
/** A plan that wants to be made again at once is wrong about the time. */
const LEAST_PAUSE_MS = 20;

/** What a leader needs. */
export interface LeaderParts {
  readonly api: KubeApi;
  readonly caches: Caches;
  readonly plan: (observed: Observed, nowMs: number) => Plan;
  /** First mesh address of the votes. */
  readonly mesh: HostPort;
  /** Number of this leadership: higher than that of any leader before. */
  readonly term: number;
  /** Whether the Lease is held for sure, now. */
  readonly leads: () => boolean;
  readonly event: (step: StepOf<'event'>, namespace: string) => void;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
}

interface Managed {
  cluster: ManagedCluster;
  links: PodLinks;
  witness: Witness;
}

/** One leadership, from the Lease to its loss: looks after every cluster that there is. */
export class Leader {
  readonly #parts: LeaderParts;
  readonly #queue: WorkQueue;
  readonly #managed = new Map<string, Managed>();
  readonly #ports: MeshPorts;
  readonly #sinceMs: number;
  #term: number;

  constructor(parts: LeaderParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.#term = parts.term;
    this.#sinceMs = parts.wallMs();
    this.#ports = new MeshPorts(parts.mesh);
    this.#queue = new WorkQueue({
      clock,
      workers: WORKERS,
      work: (key) => this.#work(key),
      onFailure: (key, error, { afterMs }) => {
        // Failed steps have said so themselves.
        if (error instanceof StepsFailed || error instanceof LeadershipLost) return;
        log.error('a cluster could not be looked after', {
          code: 'RECONCILE_FAILED',
          ...{ cluster: key, error: String(error), retryMs: Math.round(afterMs) },
        });
      },
    });
  }

  /** How much it has in hand, for metrics. */
  get counts(): { clusters: number; reached: number; silent: number; votes: number } {
    const all = [...this.#managed.values()];
    const links = all.map(({ links: each }) => each.count());
    return {
      clusters: all.length,
      reached: links.reduce((sum, { reached }) => sum + reached, 0),
      silent: links.reduce((sum, { silent }) => sum + silent, 0),
      votes: all.filter(({ witness }) => witness.vote !== undefined).length,
    };
  }

  start(): void {
    for (const key of this.#parts.caches.keys()) this.#queue.add(key);
  }

  /** Something changed for this cluster. */
  changed(key: string): void {
    this.#queue.add(key);
  }

  /** Leaves every cluster as it is; resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    await this.#queue.stop();
    await Promise.all([...this.#managed.keys()].map((key) => this.#forget(key)));
  }

  /** Resolves to how many milliseconds later there is more to do, though nothing may have changed. */
  async #work(key: string): Promise<number | undefined> {
    // Changes that come together share a plan, and caches are whole between turns of the event loop only.
    await setImmediate();
    const { caches, wallMs, metrics } = this.#parts;
    const objects = caches.objectsOf(key);
    const uid = objects?.cluster.metadata.uid ?? '';
    const former = this.#managed.get(key)?.cluster.uid;
    if (former !== undefined && former !== uid) {
      await this.#forget(key);
      // What was read before may be old by now.
      return LEAST_PAUSE_MS;
    }
    if (objects === undefined) {
      await tellOrphans(this.#parts, key, caches.shardsOf(key), wallMs());
      return undefined;
    }
    const { cluster } = this.#managed.get(key) ?? this.#manage(key, objects);
    const observe = metrics.planSeconds.startTimer();
    const againAtMs = await cluster.reconcile(objects, (plural, version) => caches.hasSeen(plural, version));
    observe();
    return againAtMs === Infinity ? undefined : Math.max(againAtMs - wallMs(), LEAST_PAUSE_MS);
  }

  async #forget(key: string): Promise<void> {
    const managed = this.#managed.get(key);
    if (managed === undefined) return;
    this.#managed.delete(key);
    await managed.cluster.stop();
    this.#ports.release(managed.cluster.uid);
  }

  #manage(key: string, objects: ClusterObjects): Managed {
    const { metadata } = objects.cluster;
    const uid = metadata.uid ?? '';
    const { api, plan, leads, event, wallMs, metrics } = this.#parts;
    const log = this.#parts.log.child({ cluster: key });
    const links = this.#newLinks(key, log);
    const witness = this.#newWitness(key, objects, links, log);
    const leadership = (): { term: number; leadingSinceMs: number; mesh: string } => {
      const { address, port } = this.#ports.of(uid);
      return { term: this.#term, leadingSinceMs: this.#sinceMs, mesh: hostPort(address, port) };
    };
    const parts = { api, links, witness, plan, leads, leadership, event, nowMs: wallMs, log, metrics };
    const managed = { cluster: new ManagedCluster(uid, parts), links, witness };
    this.#managed.set(key, managed);
    return managed;
  }

  #newLinks(key: string, log: Logger): PodLinks {
    const { wallMs, random } = this.#parts;
    return new PodLinks({
      term: () => this.#term,
      onHigherTerm: (term) => {
        // The Lease was made anew, and its count of leaders began again.
        if (this.#parts.leads()) this.#term = Math.max(this.#term, term + 1);
      },
      onChange: () => {
        this.#queue.add(key);
      },
      ...{ nowMs: wallMs, random, log },
    });
  }

  #newWitness(key: string, objects: ClusterObjects, links: PodLinks, log: Logger): Witness {
    const { api, leads, clock, random, metrics, caches } = this.#parts;
    const { metadata } = objects.cluster;
    const uid = metadata.uid ?? '';
    const knownEpochs = (): Record<string, number> => {
      const present = caches.objectsOf(key) ?? objects;
      const reports = present.pods.map((pod) => links.view(pod.metadata.uid ?? '')?.report?.granted ?? {});
      return Object.fromEntries(highestEpochs([present.cluster.status?.roster?.floor ?? {}, ...reports]));
    };
    const member = memberId(OPERATOR_NAME, uid);
    const parts = { api, cluster: metadata, member, leads, knownEpochs, clock, random, log, metrics };
    return new Witness({
      open: (state, onConflict) =>
        openWitnessNode({ ...parts, bind: this.#ports.of(uid) }, state, onConflict),
      onChange: () => {
        this.#queue.add(key);
      },
      ...{ random, log },
    });
  }
}
