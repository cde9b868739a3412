import type { DialogReport, DialogsReport, LegReport, PodStatus, TagStatus } from '../api/pod-report.ts';
import type { ProxyConfig } from '../api/proxy-config.ts';
import type { DialogRecord, Leg } from '../dialog/record.ts';
import type { MeshReport, TagReport } from '../gossip/index.ts';
import type { Call } from './calls/call.ts';
import { nameOf } from './calls/takeover.ts';
import type { Pod } from './pod.ts';

/** Whether the pod should get traffic, and why not. */
export interface Readiness {
  ready: boolean;
  /** '' when ready. */
  reason: string;
}

/** What the running pod shows of itself. */
export class PodView {
  private readonly config: ProxyConfig;
  private readonly pod: Pod;
  private readonly mesh: () => MeshReport;
  draining = false;

  constructor(config: ProxyConfig, pod: Pod, mesh: () => MeshReport) {
    this.config = config;
    this.pod = pod;
    this.mesh = mesh;
  }

  /** Ready: joined, its voter id in the roster in force, in sync, and owning a tag under a lease or able to (DESIGN section 8). */
  readiness(): Readiness {
    const reason = this.notReadyBecause(this.mesh());
    return { ready: reason === '', reason };
  }

  status(): PodStatus {
    const report = this.mesh();
    const { context } = this.pod;
    const reason = this.notReadyBecause(report);
    const calls = [...context.calls.values()];
    const { number, majority, conflict } = report.roster;
    return {
      pod: this.config.pod,
      cluster: this.config.cluster,
      role: this.config.role,
      boot: report.boot,
      ready: reason === '',
      reason,
      draining: this.draining,
      roster: { number, majority, conflict },
      members: report.members.map(({ pod, role, alive, linked, voter }) => ({ pod, role, alive, linked, voter })),
      tags: report.tags.map(tagStatus),
      dialogs: { early: calls.filter(isEarly).length, confirmed: calls.filter((call) => !isEarly(call)).length },
      legs: this.countLegs(calls),
      transactions: context.transactions.count,
      timers: context.wheel.size,
      heldMessages: context.held.size,
    };
  }

  /** At most `limit` dialogs; `filter` is looked for in id, tag, Call-IDs and targets. */
  dialogs(limit: number, filter = ''): DialogsReport {
    const dialogs: DialogReport[] = [];
    for (const call of this.pod.context.calls.values()) {
      if (dialogs.length >= limit) break;
      if (matches(call.record, filter)) dialogs.push(this.dialog(call));
    }
    return { pod: this.config.pod, total: this.pod.context.calls.size, dialogs };
  }

  private notReadyBecause(report: MeshReport): string {
    if (this.draining) return 'draining';
    if (report.roster.conflict) return 'two rosters with the same number';
    if (!report.majorityAlive) return 'no majority of the roster is alive';
    if (!report.voter) return 'this pod has no vote in the roster in force';
    const unsettled = report.tags.find((tag) => tag.owner === undefined);
    if (unsettled) return `no owner is known of ${unsettled.tag}`;
    const gathering = report.tags.find((tag) => tag.phase === 'gathering');
    if (gathering) return `fetching copies of ${gathering.tag}`;
    const isolated = report.tags.find((tag) => tag.phase === 'isolated');
    if (isolated) return `isolated: no lease for ${isolated.tag}`;
    const behind = report.tags.find((tag) => tag.role === 'standby' && !tag.inSync);
    return behind ? `not in sync with the owner of ${behind.tag}` : '';
  }

  private countLegs(calls: Call[]): { home: number; away: number } {
    let home = 0;
    let away = 0;
    for (const { record } of calls) {
      for (const leg of record.legs) {
        if (leg.home.pod === this.config.pod) home++;
        else away++;
      }
    }
    return { home, away };
  }

  private dialog({ record, job }: Call): DialogReport {
    const since = record.answeredMs || record.createdMs;
    return {
      id: record.id,
      tag: record.tag,
      owner: this.pod.context.mesh.ownerOf(record.tag)?.pod ?? '',
      epoch: record.epoch,
      version: record.version,
      state: record.state === 'early' ? 'early' : 'confirmed',
      ageSeconds: Math.max(0, Math.round((this.pod.context.wallMs() - since) / 1000)),
      rehoming: job !== undefined,
      legs: [legReport(record, 0), legReport(record, 1)],
    };
  }
}

function isEarly({ record }: Call): boolean {
  return record.state === 'early';
}

function matches({ id, tag, legs }: DialogRecord, filter: string): boolean {
  if (filter === '') return true;
  return [id, tag, ...legs.flatMap((leg: Leg) => [leg.callId, leg.remoteTarget])].some((text) => text.includes(filter));
}

function legReport({ legs }: DialogRecord, index: 0 | 1): LegReport {
  const { callId, remoteTarget, listener, transport, home, standing } = legs[index];
  const { state, status, attempts } = standing;
  return { side: nameOf(index), callId, remoteTarget, listener, transport, home: { ...home }, standing: state, status, attempts };
}

function tagStatus(report: TagReport): TagStatus {
  return {
    tag: report.tag,
    owner: report.owner?.pod ?? '',
    epoch: report.owner?.epoch ?? 0,
    role: report.role,
    acting: report.role === 'owner' && report.phase === 'active',
    inSync: report.inSync,
    standbys: report.standbys,
    standbysInSync: report.standbysInSync,
    copies: report.records,
  };
}
