import type { TakeoverReport } from '../../api/control.ts';
import type { LegIndex } from '../../dialog/record.ts';
import type { RehomeEffect } from '../../rehome/index.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';

/** Why and from whom a tag was taken over. */
export interface TakeoverCause {
  tag: string;
  epoch: number;
  reason: TakeoverReport['claim'];
  from: string;
  why: string;
}

/** The account of one tag's takeover: how many dialogs, how far, how long; written to log and metrics as it goes. */
export class Takeover {
  private readonly context: CallContext;
  private readonly cause: TakeoverCause;
  private readonly startedMs: number;
  private readonly startedAtMs: number;
  /** Dialogs of which nothing is known yet, and those with a leg that stays where it was for now. */
  private open = 0;
  private readonly kept = new Set<Call>();
  private rehomed = 0;
  private failed = 0;
  private dialogs = 0;
  private firstAskedMs: number | undefined;
  private counted = false;
  private durationMs: number | undefined;
  /** Called when every dialog has come to something. */
  finished: () => void = () => undefined;

  constructor(context: CallContext, cause: TakeoverCause) {
    this.context = context;
    this.cause = cause;
    this.startedMs = context.monotonicMs();
    this.startedAtMs = context.wallMs();
  }

  report(): TakeoverReport {
    const { cause, dialogs, rehomed, failed, kept, durationMs } = this;
    return {
      tag: cause.tag,
      epoch: cause.epoch,
      claim: cause.reason,
      from: cause.from,
      why: cause.why,
      startedAtMs: Math.round(this.startedAtMs),
      dialogs,
      rehomed,
      kept: kept.size,
      lost: failed,
      ...(durationMs !== undefined && { durationMs }),
    };
  }

  /** One more dialog to re-home. */
  add(): void {
    this.dialogs++;
    this.open++;
  }

  /** All dialogs are added. */
  begun(): void {
    this.counted = true;
    const { cause, dialogs } = this;
    this.context.log.info('took over tag', { ...cause, dialogs });
    this.finishIfDone();
  }

  /** A re-home request leaves. */
  asked(): void {
    if (this.firstAskedMs !== undefined) return;
    this.firstAskedMs = this.context.monotonicMs();
    this.context.metrics.failoverSeconds.observe(
      { stage: 'first_request' },
      (this.firstAskedMs - this.startedMs) / 1000,
    );
  }

  /** A leg got a new home, or stays where it was. */
  leg(call: Call, effect: RehomeEffect & { type: 'home' | 'kept' }): void {
    const { reason } = this.cause;
    if (effect.type === 'home') {
      this.context.metrics.rehomes.inc({ result: 'home', cause: reason });
      return;
    }
    const { state, status } = effect.standing;
    this.context.metrics.rehomes.inc({ result: state, cause: reason });
    this.context.metrics.refusedLegs.inc({ status: String(status) });
    this.context.log.warn('leg kept its old home', {
      ...this.fields(call),
      leg: nameOf(effect.leg),
      status,
      why: effect.reason,
    });
    this.keep(call);
  }

  /** The call turned out to be over. */
  ended(call: Call, effect: RehomeEffect & { type: 'ended' }): void {
    this.failed++;
    this.context.metrics.rehomes.inc({ result: 'ended', cause: this.cause.reason });
    this.context.log.warn('call lost at re-home', {
      ...this.fields(call),
      leg: nameOf(effect.leg),
      status: effect.status,
      why: effect.reason,
    });
    this.settle(call);
  }

  /** A dialog needs nothing more. */
  settled(call: Call, result: 'rehomed' | 'stopped'): void {
    if (result === 'rehomed') this.rehomed++;
    this.settle(call);
  }

  /** A leg that is tried again some time later does not keep the account open. */
  private keep(call: Call): void {
    if (this.kept.has(call)) return;
    this.kept.add(call);
    this.open--;
    this.finishIfDone();
  }

  private settle(call: Call): void {
    if (!this.kept.delete(call)) this.open--;
    this.finishIfDone();
  }

  private finishIfDone(): void {
    if (!this.counted || this.open > 0 || this.durationMs !== undefined) return;
    this.durationMs = Math.round(this.context.monotonicMs() - this.startedMs);
    const { cause, dialogs, rehomed, failed, kept, durationMs } = this;
    if (dialogs > 0) {
      this.context.metrics.failoverSeconds.observe({ stage: 'last_answer' }, durationMs / 1000);
      const counts = { dialogs, rehomed, failed, kept: kept.size };
      this.context.log.info('re-homed tag', { ...cause, ...counts, durationMs });
    }
    this.finished();
  }

  private fields(call: Call): Record<string, unknown> {
    const { id, tag, epoch, legs } = call.record;
    return { dialog: id, callId: legs[0].callId, tag, epoch };
  }
}

/** How a leg is called in log and reports. */
export function nameOf(leg: LegIndex): 'caller' | 'callee' {
  return leg === 0 ? 'caller' : 'callee';
}
