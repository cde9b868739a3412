import type { CallContext } from './context.ts';
import type { Handovers, WantedMove } from './handovers.ts';
import { LEAVING_GRACE_MS } from './new-calls.ts';
import { RELAY_AFTER_MS } from './pipes.ts';

/** How long a stopping pod lets calls ring, in ms. */
const RINGING_LIMIT_MS = 60_000;
/** How long a tag may wait for a standby in sync, in ms; then its death is what moves it. */
const HANDOVER_LIMIT_MS = 10_000;
/** How long only the pod that an operator named is asked, in ms. */
const CHOOSY_MS = 5_000;
const POLL_MS = 50;
const CAUSE = 'PodDeleted';
const REASON = 'the pod is told to stop';

/**
 * Empties a pod that is told to stop (DESIGN section 8): it takes new calls until its callers know, its tags go to standbys, what rings may
 * finish, and late messages are relayed.
 */
export class Drain {
  private readonly context: CallContext;
  private readonly handovers: Pick<Handovers, 'want'>;
  private readonly wanted: () => readonly WantedMove[];
  private startedMs = 0;
  private carried = false;

  /** `wanted`: where an operator wants tags; all others go to whoever holds everything. */
  constructor(context: CallContext, handovers: Pick<Handovers, 'want'>, wanted: () => readonly WantedMove[]) {
    this.context = context;
    this.handovers = handovers;
    this.wanted = wanted;
  }

  /** Resolves when nothing needs this pod any more. */
  async run(): Promise<void> {
    const { calls, mesh, newCalls } = this.context;
    newCalls.leaving = true;
    if (mesh.ownedTags().length > 0)
      await this.until(LEAVING_GRACE_MS, () => newCalls.isEmptied() || mesh.alivePods().length === 0);
    this.startedMs = this.context.monotonicMs();
    this.carried = calls.size > 0;
    await this.until(HANDOVER_LIMIT_MS, () => this.isWithoutTags());
    await this.until(RINGING_LIMIT_MS, () => !this.isRinging());
    for (const { setup } of [...calls.values()]) {
      if (!setup) continue;
      this.context.metrics.callsLost.inc({ reason: 'drain' });
      setup.stop(503);
    }
    const relayUntilMs = this.context.monotonicMs() + RELAY_AFTER_MS;
    await this.until(RELAY_AFTER_MS, () => this.isIdle() || this.context.monotonicMs() >= relayUntilMs);
  }

  /** Asks for all tags to go; true when none is left, or nobody is there to take one. */
  private isWithoutTags(): boolean {
    const { mesh, pod, tags } = this.context;
    if (mesh.alivePods().length === 0) return true;
    // One that is given up may still have calls.
    const known = new Set([...tags.all, ...mesh.ownedTags()]);
    const owned = [...known].filter((tag) => mesh.ownerOf(tag)?.pod === pod);
    const wanted = new Map(this.wishes().map((move) => [move.tag, move]));
    this.handovers.want(owned.map((tag) => wanted.get(tag) ?? { tag, cause: CAUSE, reason: REASON }));
    return owned.length === 0;
  }

  /** Where tags should go, as long as there is time to be choosy. */
  private wishes(): readonly WantedMove[] {
    return this.context.monotonicMs() - this.startedMs < CHOOSY_MS ? this.wanted() : [];
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
