import type { CallContext } from './context.ts';
import type { FinalByes } from './final-byes.ts';
import type { Handovers, WantedMove } from './handovers.ts';
import { LEAVING_GRACE_MS } from './new-calls.ts';
import { RELAY_AFTER_MS } from './pipes.ts';
import { encodePodMessage } from './pod-message.ts';

/** How long a stopping pod lets calls ring, in ms. */
const RINGING_LIMIT_MS = 60_000;
/** How long a tag may wait for a standby in sync, in ms; then its death is what moves it. */
const HANDOVER_LIMIT_MS = 10_000;
/** How long only the pod that an operator named is asked, in ms. */
const CHOOSY_MS = 5_000;
/** How long BYEs of the pod's own may make no progress, in ms: no lease, or endpoints that are silent (64*T1). */
const STUCK_MS = 33_000;
/** How much longer than calls may wait for a taker a pod stays for the votes of others, in ms. */
const STAY_MS = 40_000;
const SAY_EVERY_MS = 500;
const POLL_MS = 50;
const CAUSE = 'PodDeleted';
const REASON = 'the pod is told to stop';

/** What a pod does its last work with. */
export interface DrainParts {
  readonly handovers: Pick<Handovers, 'want'>;
  /** Where an operator wants tags; all others go to whoever holds everything. */
  readonly wanted: () => readonly WantedMove[];
  /** What ends calls that nobody takes. */
  readonly finalByes: () => Pick<FinalByes, 'add' | 'step' | 'left' | 'progressMs'>;
}

/**
 * Empties a pod that is told to stop (DESIGN section 8): it takes new calls until its callers know, its tags go to standbys, what rings may
 * finish, and late messages are relayed. Calls that no pod can take are kept for `drain.deletionWait`, then ended at both sides.
 */
export class Drain {
  private readonly context: CallContext;
  private readonly parts: DrainParts;
  private toldMs = 0;
  private startedMs = 0;
  /** Since when there is a pod that stays; undefined if there is none. */
  private heirsSinceMs: number | undefined;
  private saidMs = -Infinity;

  constructor(context: CallContext, parts: DrainParts) {
    this.context = context;
    this.parts = parts;
  }

  /** Resolves when nothing needs this pod any more. */
  async run(): Promise<void> {
    const { calls, mesh, newCalls } = this.context;
    newCalls.leaving = true;
    this.toldMs = this.context.monotonicMs();
    const owned = mesh.ownedTags();
    if (owned.length > 0) await this.until(LEAVING_GRACE_MS, () => newCalls.isEmptied() || !this.hasHeirs());
    this.startedMs = this.context.monotonicMs();
    const carried = calls.size > 0;
    await this.until(Infinity, () => this.isSettled());
    const isLast = !this.hasHeirs() && this.hasCalls();
    if (isLast) await this.endCalls();
    else await this.letRing();
    if (!carried) await this.until(RELAY_AFTER_MS, () => this.isIdle());
    else if (this.gaveAway(owned) || (!isLast && this.hasCalls()))
      await this.until(RELAY_AFTER_MS, () => false);
    const stayMs = this.toldMs + this.context.config.drain.deletionWaitMs + STAY_MS;
    await this.until(stayMs - this.context.monotonicMs(), () => !this.context.leavers.haveCalls());
  }

  /** Whether tags need not be waited for any longer: they are gone, or will go by this pod's death, or nobody is to take them. */
  private isSettled(): boolean {
    if (this.isWithoutTags()) return true;
    const nowMs = this.context.monotonicMs();
    if (!this.hasHeirs()) {
      this.heirsSinceMs = undefined;
      return !this.hasCalls() || nowMs - this.toldMs >= this.context.config.drain.deletionWaitMs;
    }
    this.heirsSinceMs ??= nowMs;
    return nowMs - this.heirsSinceMs >= HANDOVER_LIMIT_MS;
  }

  /** Asks for all tags to go; true when none is left. */
  private isWithoutTags(): boolean {
    const { mesh, pod, tags } = this.context;
    // One that is given up may still have calls.
    const known = new Set([...tags.all, ...mesh.ownedTags()]);
    const owned = [...known].filter((tag) => mesh.ownerOf(tag)?.pod === pod);
    const wanted = new Map(this.wishes().map((move) => [move.tag, move]));
    const moves = owned.map((tag) => wanted.get(tag) ?? { tag, cause: CAUSE, reason: REASON });
    this.parts.handovers.want(this.hasHeirs() ? moves : []);
    return owned.length === 0;
  }

  /** Where tags should go, as long as there is time to be choosy. */
  private wishes(): readonly WantedMove[] {
    const choosySinceMs = this.heirsSinceMs ?? this.startedMs;
    return this.context.monotonicMs() - choosySinceMs < CHOOSY_MS ? this.parts.wanted() : [];
  }

  /** Whether a pod is there that was not told to stop. */
  private hasHeirs(): boolean {
    const { leavers, mesh } = this.context;
    return mesh.alivePods().some((pod) => !leavers.isLeaving(pod));
  }

  /** Whether calls are here that this pod acts for. */
  private hasCalls(): boolean {
    const { calls, mesh, pod } = this.context;
    for (const { record } of calls.values()) if (mesh.ownerOf(record.tag)?.pod === pod) return true;
    return false;
  }

  /** Whether tags went to another pod: messages for their calls may still come here. */
  private gaveAway(before: readonly string[]): boolean {
    const { calls, mesh, pod } = this.context;
    if (before.some((tag) => mesh.ownerOf(tag)?.pod !== pod)) return true;
    for (const { record } of calls.values()) if (mesh.ownerOf(record.tag)?.pod !== pod) return true;
    return false;
  }

  /** A pod that carried nothing has nothing to relay but what it handed on: the answers leave by its sockets. */
  private isIdle(): boolean {
    const { calls, handedOn, held, transactions } = this.context;
    const isWaiting = held.size > 0 || handedOn.isAwaited(this.context.monotonicMs());
    return !isWaiting && calls.size === 0 && transactions.count === 0;
  }

  private async letRing(): Promise<void> {
    await this.until(RINGING_LIMIT_MS, () => !this.isRinging());
    this.stopRinging();
  }

  /** BYE to both sides of every call that this pod owns. */
  private async endCalls(): Promise<void> {
    const { calls, log, mesh, metrics, newCalls, pod } = this.context;
    newCalls.closed = true;
    this.parts.handovers.want([]);
    this.stopRinging();
    const byes = this.parts.finalByes();
    for (const call of calls.values()) if (mesh.ownerOf(call.record.tag)?.pod === pod) byes.add(call);
    log.warn('nobody takes the calls of this pod: ends them', { code: 'CALLS_ENDED', calls: byes.left });
    await this.until(Infinity, () => {
      byes.step();
      return byes.left === 0 || this.context.monotonicMs() - byes.progressMs > STUCK_MS;
    });
    if (byes.left === 0) return;
    metrics.callsLost.inc({ reason: 'shutdown' }, byes.left);
    log.error('calls could not be ended', { code: 'CALLS_LEFT', calls: byes.left });
  }

  private stopRinging(): void {
    for (const { setup } of [...this.context.calls.values()]) {
      if (!setup) continue;
      this.context.metrics.callsLost.inc({ reason: 'drain' });
      setup.stop(503);
    }
  }

  private isRinging(): boolean {
    for (const { setup } of this.context.calls.values()) if (setup) return true;
    return false;
  }

  /** Tells the others, again and again, that this pod leaves. */
  private say(): void {
    const { mesh } = this.context;
    const nowMs = this.context.monotonicMs();
    if (nowMs - this.saidMs < SAY_EVERY_MS) return;
    this.saidMs = nowMs;
    const message = encodePodMessage({ kind: 'leaving', hasCalls: this.hasCalls() });
    for (const pod of mesh.alivePods()) mesh.send(pod, message);
  }

  private async until(limitMs: number, done: () => boolean): Promise<void> {
    const endMs = this.context.monotonicMs() + limitMs;
    this.say();
    while (!done() && this.context.monotonicMs() < endMs) {
      await new Promise<void>((resolve) => {
        this.context.wheel.set(POLL_MS, resolve);
      });
      this.say();
    }
  }
}
