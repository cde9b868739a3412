import { isBusy } from '../../dialog/open-request.ts';
import type { CallContext } from './context.ts';

/** How long an old owner goes on relaying after its tags are gone, in ms (promise 3). */
export const RELAY_AFTER_MS = 32_000;
/** How long a stopping pod lets calls ring, in ms. */
const RINGING_LIMIT_MS = 60_000;
/** How long an exchange under way may delay a handover, in ms. */
const BUSY_LIMIT_MS = 4_000;
/** How long a tag may wait for a standby in sync, in ms; then its death is what moves it. */
const HANDOVER_LIMIT_MS = 10_000;
/** When a handover that did not come about is tried again, in ms. */
const ASK_AGAIN_MS = 2_000;
const POLL_MS = 50;

/** What a drain asks of the mesh beside what calls do. */
export interface HandOver {
  /** A pod that holds everything of the tag; undefined if none does. */
  successor(tag: string): string | undefined;
  /** Begins a planned move; returns why not, or undefined. */
  handOver(tag: string, pod: string): string | undefined;
}

/** Empties a pod that is told to stop: its tags go to standbys, what rings may finish, and late messages are relayed. */
export class Drain {
  private readonly context: CallContext;
  private readonly mesh: HandOver;
  private readonly startedMs: number;
  /** When each tag's handover began. */
  private readonly asked = new Map<string, number>();
  private carried = false;

  constructor(context: CallContext, mesh: HandOver) {
    this.context = context;
    this.mesh = mesh;
    this.startedMs = context.monotonicMs();
  }

  /** Resolves when nothing needs this pod any more. */
  async run(): Promise<void> {
    this.carried = this.context.calls.size > 0;
    await this.until(HANDOVER_LIMIT_MS, () => this.handOverAll());
    await this.until(RINGING_LIMIT_MS, () => !this.isRinging());
    for (const { setup } of [...this.context.calls.values()]) {
      if (!setup) continue;
      this.context.metrics.callsLost.inc({ reason: 'drain' });
      setup.stop(503);
    }
    const relayUntilMs = this.context.monotonicMs() + RELAY_AFTER_MS;
    await this.until(RELAY_AFTER_MS, () => this.isIdle() || this.context.monotonicMs() >= relayUntilMs);
  }

  /** True when no tag is left. */
  private handOverAll(): boolean {
    const owned = this.context.mesh.ownedTags();
    for (const tag of owned) {
      if (this.wasJustAsked(tag) || this.isTagBusy(tag)) continue;
      const pod = this.mesh.successor(tag);
      if (pod === undefined) continue;
      const refused = this.mesh.handOver(tag, pod);
      this.context.log.info('hands over tag', { tag, to: pod, ...(refused !== undefined && { refused }) });
      this.asked.set(tag, this.context.monotonicMs());
    }
    return owned.length === 0 || this.isAlone();
  }

  private wasJustAsked(tag: string): boolean {
    return this.context.monotonicMs() - (this.asked.get(tag) ?? -Infinity) < ASK_AGAIN_MS;
  }

  /** With no other pod alive nothing can be handed over. */
  private isAlone(): boolean {
    return this.context.mesh.alivePods().length === 0;
  }

  private isTagBusy(tag: string): boolean {
    if (this.context.monotonicMs() - this.startedMs > BUSY_LIMIT_MS) return false;
    for (const { record, setup } of this.context.calls.values()) {
      if (record.tag === tag && !setup && isBusy(record)) return true;
    }
    return false;
  }

  private isRinging(): boolean {
    for (const { setup } of this.context.calls.values()) if (setup) return true;
    return false;
  }

  /** A pod that carried nothing has nothing to relay. */
  private isIdle(): boolean {
    return !this.carried && this.context.calls.size === 0 && this.context.transactions.count === 0;
  }

  private async until(limitMs: number, done: () => boolean): Promise<void> {
    const endMs = this.context.monotonicMs() + limitMs;
    while (!done() && this.context.monotonicMs() < endMs) {
      await new Promise<void>((resolve) => {
        this.context.wheel.set(POLL_MS, resolve);
      });
    }
  }
}
