import { setTimeout } from 'node:timers/promises';
import type { HostPort } from '../api/address.ts';
import type { KubeApi } from '../kube/api.ts';
import { LeaderElection, type LeaderTimes } from '../kube/leader-election.ts';
import type { Observed } from '../reconcile/observed.ts';
import { plan as makePlan } from '../reconcile/plan.ts';
import type { Plan } from '../reconcile/plan-type.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { Caches } from './caches.ts';
import { catchUp } from './catch-up.ts';
import { Leader } from './leader.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { StepOf } from './steps/step-context.ts';

/** Name of the Lease that operators lead by. */
const LEASE_NAME = 'rehome-operator';
const RETRY_MS = 1000;
const SYNC_PAUSE_MS = 20;

/** What an operator is made of. */
export interface OperatorParts {
  readonly api: KubeApi;
  /** By which the Lease is read and written, so that one connection that went dead does not cost it; `api` if left out. */
  readonly leaseApi?: KubeApi;
  /** The namespace that is watched; '' for all of them. */
  readonly namespace: string;
  readonly leaseNamespace: string;
  /** Of this process alone. */
  readonly identity: string;
  /** First mesh address of the votes. */
  readonly mesh: HostPort;
  readonly event: (step: StepOf<'event'>, namespace: string) => void;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Unpredictable, in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
  /** That of `src/reconcile` if left out. */
  readonly plan?: (observed: Observed, nowMs: number) => Plan;
  /** Those of client-go if left out. */
  readonly leaderTimes?: LeaderTimes;
}

/** One operator process: keeps its caches warm, and looks after the clusters while it leads. */
export class Operator {
  readonly #parts: OperatorParts;
  readonly #caches: Caches;
  readonly #election: LeaderElection;
  #leader: Leader | undefined;
  /** Starts and stops of leaderships, one after the other. */
  #turns: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: OperatorParts) {
    const { api, namespace, clock, wallMs, random, log, metrics } = parts;
    this.#parts = parts;
    this.#caches = new Caches({
      ...{ api, namespace, clock, random, wallMs },
      onChange: (key) => {
        this.#leader?.changed(key);
      },
      onFailure: (plural, error) => {
        log.info('a list-watch begins again', { kind: plural, error: String(error) });
        metrics.watchFailures.inc({ kind: plural });
      },
      onRelist: (kind, cause, found) => {
        metrics.relists.inc({ kind, cause });
        metrics.foundByRelist.inc({ kind }, found);
      },
    });
    this.#election = new LeaderElection({
      ...{ api: parts.leaseApi ?? api, clock, wallMs, random },
      lease: { namespace: parts.leaseNamespace, name: LEASE_NAME },
      identity: parts.identity,
      ...(parts.leaderTimes && { times: parts.leaderTimes }),
      onStarted: (term) => {
        this.#turn(() => this.#lead(term));
      },
      onStopped: (reason) => {
        log.info('leads no more', { reason });
        this.#turn(() => this.#leave());
      },
      onFailure: (error) => {
        log.info('the Lease could not be read or written', { error: String(error) });
      },
    });
    metrics.onScrape(() => {
      this.#sample();
    });
  }

  /** '' when the caches have everything, so that this operator could lead. */
  unreadyReason(): string {
    const { missing } = this.#caches;
    return missing.length === 0 ? '' : `not read yet: ${missing.join(', ')}`;
  }

  /** Reads everything, then stands for leader. Resolves when it does. */
  async start(): Promise<void> {
    this.#caches.start();
    while (this.#caches.missing.length > 0 && !this.#isStopped()) await setTimeout(SYNC_PAUSE_MS);
    if (!this.#isStopped()) this.#election.start();
  }

  /** Ends what is under way and gives the leadership up, so that another operator need not wait. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#leave();
    await this.#election.stop();
    await this.#turns;
    await this.#caches.stop();
  }

  #turn(act: () => Promise<void>): void {
    this.#turns = this.#turns.then(act);
  }

  async #lead(term: number): Promise<void> {
    const { api, namespace, log } = this.#parts;
    const leads = (): boolean => this.#election.term === term && !this.#stopped;
    log.info('leads', { term });
    while (leads()) {
      try {
        await catchUp({ api, caches: this.#caches, namespace }, leads);
        break;
      } catch (error) {
        log.info('the API could not be read', { error: String(error) });
        await setTimeout(RETRY_MS);
      }
    }
    if (!leads()) return;
    const plan = this.#parts.plan ?? makePlan;
    this.#leader = new Leader({ ...this.#parts, plan, caches: this.#caches, term, leads });
    this.#leader.start();
  }

  async #leave(): Promise<void> {
    const leader = this.#leader;
    this.#leader = undefined;
    await leader?.stop();
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #sample(): void {
    const { metrics, clock } = this.#parts;
    // What is not watched any more has no age.
    metrics.apiSilence.reset();
    for (const [kind, atMs] of this.#caches.lastHeardMs())
      if (atMs !== -Infinity) metrics.apiSilence.set({ kind }, (clock.nowMs() - atMs) / 1000);
    const counts = this.#leader?.counts ?? { clusters: 0, reached: 0, silent: 0, votes: 0 };
    metrics.leading.set(this.#leader === undefined ? 0 : 1);
    metrics.clusters.set(counts.clusters);
    metrics.pods.set({ state: 'reached' }, counts.reached);
    metrics.pods.set({ state: 'silent' }, counts.silent);
    metrics.votes.set(counts.votes);
  }
}
