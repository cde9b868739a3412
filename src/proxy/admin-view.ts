import type { DialogsReport, PodStatus, TagStatus } from '../api/pod-report.ts';
import type { ProxyConfig } from '../api/proxy-config.ts';
import type { MeshReport, TagReport } from '../gossip/index.ts';
import type { Logger } from '../runtime/logger.ts';
import type { PodView } from './admin.ts';
import { reportDialogs, type DialogFilter } from './admin-dialogs.ts';
import { unreadyReason } from './admin-readiness.ts';
import { CallCensus } from './call-census.ts';
import type { CallContext } from './calls/context.ts';
import { EventLoopLag } from './event-loop-lag.ts';
import type { ProxyMetrics } from './metrics.ts';

/** The running parts of a pod as reports read them. */
export interface ViewedPod {
  readonly config: Pick<ProxyConfig, 'pod' | 'cluster' | 'role'>;
  readonly mesh: { report(): MeshReport };
  readonly context: Pick<
    CallContext,
    'pod' | 'calls' | 'mesh' | 'tokenKeys' | 'wallMs' | 'monotonicMs' | 'wheel' | 'transactions' | 'held'
  >;
  readonly rehoming: { readonly waiting: number };
  readonly metrics: ProxyMetrics;
  readonly log: Logger;
}

/** Reads health, reports and gauges off a running pod. */
export class AdminView implements PodView {
  /** Set when the pod is told to stop. */
  draining = false;
  /** Why the pod is to be emptied; undefined if it is not. */
  cordon: string | undefined;
  /** Listeners that are closed until an operator says what they advertise. */
  untold: () => readonly string[] = () => [];
  readonly census: CallCensus;
  readonly #pod: ViewedPod;
  readonly #lag = new EventLoopLag();

  constructor(pod: ViewedPod) {
    this.#pod = pod;
    this.census = new CallCensus(pod.context);
    this.#lag.start();
    pod.metrics.onScrape(this.#sample.bind(this));
  }

  unreadyReason(): string {
    return this.#reasonIn(this.#pod.mesh.report());
  }

  /** The counts in it are at most `maxAgeMs` old. */
  status(maxAgeMs = 0): PodStatus {
    const { config, context, mesh } = this.#pod;
    const report = mesh.report();
    const { dialogs, legs } = this.census.take(maxAgeMs);
    const reason = this.#reasonIn(report);
    return {
      pod: config.pod,
      cluster: config.cluster,
      role: config.role,
      boot: report.boot,
      ready: reason === '',
      reason,
      draining: this.draining,
      roster: {
        number: report.roster.number,
        majority: report.roster.majority,
        conflict: report.roster.conflict,
      },
      members: report.members.map(({ pod, role, alive, linked, voter }) => ({
        pod,
        role,
        alive,
        linked,
        voter,
      })),
      tags: report.tags.map(tagStatus),
      dialogs,
      legs,
      transactions: context.transactions.count,
      timers: context.wheel.size,
      heldMessages: context.held.size,
    };
  }

  dialogs(filter: DialogFilter): DialogsReport {
    return reportDialogs(this.#pod.context, filter);
  }

  metrics(): Promise<string> {
    return this.#pod.metrics.text();
  }

  get logLevel(): string {
    return this.#pod.log.level;
  }

  set logLevel(level: string) {
    this.#pod.log.level = level;
  }

  /** Lets go of what runs for reports. */
  close(): void {
    this.#lag.stop();
  }

  #reasonIn(report: MeshReport): string {
    const { draining, cordon } = this;
    return unreadyReason(report, { role: this.#pod.config.role, draining, cordon, untold: this.untold() });
  }

  #sample(): void {
    const { context, mesh, metrics, rehoming } = this.#pod;
    const { dialogs, relayed } = this.census.take(0);
    for (const state of ['early', 'confirmed'] as const) {
      metrics.dialogs.set({ state, role: 'owner' }, dialogs[state]);
      metrics.dialogs.set({ state, role: 'relay' }, relayed[state]);
    }
    metrics.dialogs.set({ state: 'copy', role: 'standby' }, copiesIn(mesh.report()));
    metrics.transactions.set(context.transactions.count);
    metrics.timers.set(context.wheel.size);
    metrics.heldMessages.set(context.held.size);
    metrics.legsWaiting.set(rehoming.waiting);
    const { p50, p99, max } = this.#lag.take();
    metrics.eventLoopLag.set({ quantile: '0.5' }, p50);
    metrics.eventLoopLag.set({ quantile: '0.99' }, p99);
    metrics.eventLoopLag.set({ quantile: '1' }, max);
  }
}

function tagStatus(report: TagReport): TagStatus {
  const { tag, owner, role, phase, inSync, standbys, standbysInSync } = report;
  return {
    tag,
    owner: owner?.pod ?? '',
    epoch: owner?.epoch ?? 0,
    role,
    acting: phase === 'active',
    inSync,
    standbys,
    standbysInSync,
    copies: role === 'owner' ? 0 : report.records,
  };
}

function copiesIn({ tags }: MeshReport): number {
  return tags.reduce((sum, tag) => sum + (tag.role === 'owner' ? 0 : tag.records), 0);
}
