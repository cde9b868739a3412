import type { MeshEffect, MeshReport } from '../gossip/index.ts';
import type { MeshInstruments } from './instruments.ts';

const TAG_ROLES = ['owner', 'standby', 'holder', 'none'] as const;

/** Counts and times what happens on the mesh. */
export class MeshMetrics {
  readonly #metrics: MeshInstruments;
  readonly #nowMs: () => number;
  readonly #heardAtMs = new Map<string, number>();
  readonly #deadAtMs = new Map<string, number>();

  constructor(metrics: MeshInstruments, nowMs: () => number) {
    this.#metrics = metrics;
    this.#nowMs = nowMs;
  }

  /** A sign of life of a member. */
  heard(pod: string, streamBytes: number): void {
    this.#heardAtMs.set(pod, this.#nowMs());
    if (streamBytes > 0) this.#metrics.meshReceivedBytes.inc(streamBytes);
  }

  sent(streamBytes: number): void {
    this.#metrics.meshBytes.inc(streamBytes);
  }

  effect(effect: MeshEffect): void {
    if (effect.kind === 'note') this.#metrics.meshNotes.inc({ code: effect.code });
    else if (effect.kind === 'member') this.#member(effect.pod, effect.alive);
    else if (effect.kind === 'takenOver' && effect.reason === 'dead')
      this.#takenOver(effect.previous?.pod ?? '');
  }

  /** Sets the gauges; before each scrape. */
  sample(report: MeshReport, waitingBytes: number): void {
    const { members, tags } = report;
    const alive = members.filter((member) => member.alive).length;
    const metrics = this.#metrics;
    metrics.meshMembers.set({ state: 'alive' }, alive + 1);
    metrics.meshMembers.set({ state: 'dead' }, members.length - alive);
    metrics.meshLinks.set(members.filter((member) => member.linked).length);
    metrics.meshWaitingBytes.set(waitingBytes);
    for (const role of TAG_ROLES) metrics.tags.set({ role }, tags.filter((tag) => tag.role === role).length);
    metrics.tagsActing.set(tags.filter((tag) => tag.phase === 'active').length);
    metrics.replicationLag.set(
      tags.reduce((sum, tag) => sum + (tag.standbys.length > 0 ? tag.sequence - tag.acknowledged : 0), 0),
    );
  }

  #member(pod: string, alive: boolean): void {
    if (alive) {
      this.#deadAtMs.delete(pod);
      return;
    }
    const nowMs = this.#nowMs();
    this.#deadAtMs.set(pod, nowMs);
    const heardAtMs = this.#heardAtMs.get(pod);
    if (heardAtMs !== undefined) this.#observe('noticed', nowMs - heardAtMs);
  }

  #takenOver(from: string): void {
    const deadAtMs = this.#deadAtMs.get(from);
    if (deadAtMs !== undefined) this.#observe('taken_over', this.#nowMs() - deadAtMs);
  }

  #observe(stage: string, ms: number): void {
    this.#metrics.failoverSeconds.observe({ stage }, ms / 1000);
  }
}
