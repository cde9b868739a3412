import { Pacing, type PacingPolicy } from '../../rehome/index.ts';
import type { LegIndex } from '../../dialog/record.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { sendBye } from './pod-bye.ts';

/** How soon a BYE that may not leave yet is looked at again, in ms. */
const RETRY_MS = 100;
/** RFC 3326: why calls end whose endpoints did nothing. */
const REASON = 'SIP;cause=503;text="Service Unavailable"';

type Turn = Parameters<Pacing['queue']>[0];

/** Ends calls from the middle, for want of anybody to carry them on: BYE to both sides, at the pace of re-homing. */
export class FinalByes {
  readonly #context: CallContext;
  readonly #pacing: Pacing;
  readonly #begun: (call: Call) => void;
  /** Calls that are not over, with the number of sides that have not answered. */
  readonly #open = new Map<Call, number>();
  #progressMs: number;

  /** `begun` is told of each call before its first BYE. */
  constructor(context: CallContext, pace: PacingPolicy, begun: (call: Call) => void) {
    this.#context = context;
    this.#pacing = new Pacing(pace, context.monotonicMs());
    this.#begun = begun;
    this.#progressMs = context.monotonicMs();
  }

  /** Calls that are not over. */
  get left(): number {
    return this.#open.size;
  }

  /** When a BYE was last sent or done with, in ms of the monotonic clock. */
  get progressMs(): number {
    return this.#progressMs;
  }

  /** Lines both sides of a call up. */
  add(call: Call): void {
    this.#open.set(call, call.record.legs.length);
    for (const leg of [0, 1] as const) this.#queue(call, leg, this.#context.monotonicMs());
  }

  /** Sends the BYEs whose turn it is; to be called again and again. */
  step(): void {
    for (const turn of this.#pacing.take(this.#context.monotonicMs())) this.#go(turn);
    for (const call of this.#open.keys())
      if (this.#context.calls.get(call.record.id) !== call) this.#open.delete(call);
  }

  #queue(call: Call, leg: LegIndex, notBeforeMs: number): void {
    const { record } = call;
    this.#pacing.queue({ id: record.id, leg, peer: record.legs[leg].peer, notBeforeMs, dueAtMs: 0 });
  }

  #go({ id, leg, peer }: Turn): void {
    const { calls, keeper, mesh } = this.#context;
    const nowMs = this.#context.monotonicMs();
    const call = calls.get(id);
    if (call === undefined || mesh.ownerOf(call.record.tag)?.pod !== this.#context.pod) {
      this.#pacing.release(peer);
      if (call && !call.ending) this.#open.delete(call);
      return;
    }
    if (!mesh.mayAct(call.record.tag) || !keeper.mayUseNextCSeq(call, leg)) {
      this.#pacing.release(peer);
      this.#queue(call, leg, nowMs + RETRY_MS);
      return;
    }
    if (!call.ending) this.#begun(call);
    call.ending = true;
    this.#progressMs = nowMs;
    sendBye(this.#context, call.record, leg, {
      reasons: [REASON],
      done: () => {
        this.#pacing.release(peer);
        this.#done(call);
      },
    });
    keeper.keep(call, false);
  }

  #done(call: Call): void {
    this.#progressMs = this.#context.monotonicMs();
    const sides = (this.#open.get(call) ?? 0) - 1;
    this.#open.set(call, sides);
    if (sides > 0) return;
    this.#open.delete(call);
    this.#context.keeper.end(call, 'shutdown');
  }
}
