import type { Clock } from '../runtime/clock.ts';
import { KubeError, type KubeApi, type ObjectRef } from './api.ts';
import { LEASES } from './kinds.ts';
import { microTime } from './micro-time.ts';
import type { Lease } from './objects.ts';
import { apiVersionOf } from './resource-path.ts';

/** The times of client-go: how long others wait for a leader that is silent, how long it leads without renewing, and how often it renews. */
export const LEADER_TIMES: LeaderTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };
/** Retries are stretched by up to so much of themselves, so that candidates do not meet. */
const JITTER = 1.2;

/** Must fall in this order: leaseMs, renewDeadlineMs, retryMs. */
export interface LeaderTimes {
  leaseMs: number;
  renewDeadlineMs: number;
  retryMs: number;
}

export interface LeaderElectionOptions {
  api: KubeApi;
  lease: ObjectRef;
  /** Of this process alone. A successor may use it, and need not wait for the lease to end, if this process has ended for sure. */
  identity: string;
  /** Expiry is judged by this clock alone, never by times that others wrote. */
  clock: Clock;
  /** Milliseconds since 1970, for the times that are written. */
  wallMs: () => number;
  /** [0, 1). */
  random: () => number;
  /** `LEADER_TIMES` if left out. */
  times?: LeaderTimes;
  /** `term` is higher than that of every leadership before. */
  onStarted: (term: number) => void;
  onStopped: (reason: string) => void;
  /** Told of each request that failed. */
  onFailure?: (error: unknown) => void;
}

/** A lease as it was seen, and when by the own clock it was first seen so. */
interface Sighting {
  spec: string;
  atMs: number;
}

/**
 * One leader among processes by a Lease, after client-go's rules. Each leadership counts as a transition, so that
 * `leaseTransitions` numbers them. This is no fencing: what a leader does must carry its term.
 */
export class LeaderElection {
  private readonly options: LeaderElectionOptions;
  private readonly times: LeaderTimes;
  private seen: Sighting | undefined;
  private leadingTerm: number | undefined;
  private untilMs = -Infinity;
  private stopped = false;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor(options: LeaderElectionOptions) {
    this.options = options;
    this.times = options.times ?? LEADER_TIMES;
  }

  /** Number of the leadership, undefined while another leads. */
  get term(): number | undefined {
    return this.isLeading() ? this.leadingTerm : undefined;
  }

  /** Until when, by the clock, this process leads unless it renews; -Infinity if it does not lead. */
  get leadingUntilMs(): number {
    return this.leadingTerm === undefined ? -Infinity : this.untilMs;
  }

  isLeading(): boolean {
    return this.options.clock.nowMs() < this.leadingUntilMs;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Gives the lease up, so that another need not wait for its end. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
    if (this.leadingTerm === undefined) return;
    this.lose('stopped');
    await this.release().catch((error: unknown) => this.options.onFailure?.(error));
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.acquireOrRenew();
      } catch (error) {
        this.options.onFailure?.(error);
      }
      await this.pause();
    }
  }

  private async acquireOrRenew(): Promise<void> {
    const { clock } = this.options;
    // What is promised to last counts from before the request: the answer may have been long under way.
    const askedMs = clock.nowMs();
    const found = await this.findLease();
    if (found !== undefined) this.look(found);
    if (found !== undefined && !this.isFree(found)) {
      this.lose(`${found.spec.holderIdentity ?? ''} leads`);
      return;
    }
    const before = this.leadingTerm;
    const term = before ?? (found?.spec.leaseTransitions ?? 0) + 1;
    await this.write(found, { ...this.heldSpec(term), acquireTime: this.acquiredAt(found) });
    // A leadership that ended while the answer was under way is over: the next one has another term.
    const inTime = clock.nowMs() < askedMs + this.times.renewDeadlineMs;
    if (inTime && this.leadingTerm === before) this.lead(term, askedMs);
  }

  private async findLease(): Promise<Lease | undefined> {
    try {
      return await this.options.api.get(LEASES, this.options.lease);
    } catch (error) {
      if (error instanceof KubeError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  private look({ spec }: Lease): void {
    const text = JSON.stringify(spec);
    if (this.seen?.spec !== text) this.seen = { spec: text, atMs: this.options.clock.nowMs() };
  }

  private isFree({ spec }: Lease): boolean {
    if (!spec.holderIdentity || spec.holderIdentity === this.options.identity) return true;
    const leaseMs = 1000 * (spec.leaseDurationSeconds ?? this.times.leaseMs / 1000);
    return this.options.clock.nowMs() >= (this.seen?.atMs ?? 0) + leaseMs;
  }

  private lead(term: number, askedMs: number): void {
    this.untilMs = askedMs + this.times.renewDeadlineMs;
    this.options.clock.after(this.untilMs - this.options.clock.nowMs(), () => {
      if (this.leadingTerm !== undefined && !this.isLeading())
        this.lose('the lease could not be renewed in time');
    });
    if (this.leadingTerm !== undefined) return;
    this.leadingTerm = term;
    this.options.onStarted(term);
  }

  private lose(reason: string): void {
    if (this.leadingTerm === undefined) return;
    this.leadingTerm = undefined;
    this.options.onStopped(reason);
  }

  private heldSpec(leaseTransitions: number): Lease['spec'] {
    return {
      holderIdentity: this.options.identity,
      leaseDurationSeconds: Math.ceil(this.times.leaseMs / 1000),
      renewTime: microTime(this.options.wallMs()),
      leaseTransitions,
    };
  }

  private acquiredAt(found: Lease | undefined): string {
    const now = microTime(this.options.wallMs());
    return this.leadingTerm === undefined ? now : (found?.spec.acquireTime ?? now);
  }

  private async release(): Promise<void> {
    const found = await this.findLease();
    if (found?.spec.holderIdentity !== this.options.identity) return;
    const renewTime = microTime(this.options.wallMs());
    await this.write(found, { ...found.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime });
  }

  /** Rejects with KubeError if anybody wrote, or made, the lease since it was found, or found not to be there. */
  private async write(found: Lease | undefined, spec: Lease['spec']): Promise<void> {
    const { api, lease } = this.options;
    const stored =
      found === undefined
        ? await api.create(LEASES, {
            apiVersion: apiVersionOf(LEASES),
            kind: 'Lease',
            metadata: { ...lease },
            spec,
          })
        : await api.patch(LEASES, lease, [
            { op: 'replace', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion },
            { op: 'replace', path: '/spec', value: spec },
          ]);
    this.look(stored);
  }

  private pause(): Promise<void> {
    const { clock, random } = this.options;
    const { retryMs } = this.times;
    if (this.stopped) return Promise.resolve();
    const stretch = this.leadingTerm === undefined ? 1 + random() * JITTER : 1;
    return new Promise((resolve) => {
      this.wake = resolve;
      clock.after(retryMs * stretch, resolve);
    });
  }
}
