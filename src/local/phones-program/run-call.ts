import { hostPort, type SocketAddress } from '../phone-address.ts';
import type { PhoneCall } from '../phone-call.ts';
import type { Phone } from '../phone.ts';
import { Talk, TALK_ENDS, type TalkCall, type TalkEnd } from '../talk.ts';
import { until } from '../until.ts';
import { wallClockMs } from '../wall-clock.ts';
import type { Callees } from './callees.ts';
import { endLedger } from './end-ledger.ts';
import type { CallSummary, EndLedger } from './run-type.ts';

const CALLEE_WITHIN_MS = 5000;
const LAST_ANSWERS_MS = 5000;
const ENDS_WITHIN_MS = 5000;

/** How a call is placed. */
export interface RunCallOptions {
  caller: Phone;
  callees: Callees;
  name: string;
  talkEveryMs: number;
}

/** One call of a run: placed, talked in from both ends, hung up; then only its summary is kept. */
export class RunCall {
  readonly #options: RunCallOptions;
  readonly #summary: CallSummary;
  #call: TalkCall | undefined;
  #talk: Talk | undefined;
  #ending = false;

  constructor(options: RunCallOptions) {
    this.#options = options;
    this.#summary = {
      call: options.name,
      through: '',
      placedAtMs: wallClockMs(),
      answeredAtMs: 0,
      state: 'calling',
      hangUpFaults: [],
    };
  }

  /** Places it and waits until it is answered or has failed. */
  async place(entrance: Promise<SocketAddress>): Promise<void> {
    const { caller: phone, name } = this.#options;
    try {
      const to = await entrance;
      this.#summary.through = hostPort(to);
      const caller = phone.place(to, name);
      const status = await caller.established;
      if (status === 200) await this.#answered(caller);
      else this.#failed(status, caller.ledger.errors.join('; '));
    } catch (error) {
      this.#failed(0, String(error));
    }
  }

  /** Whether it was answered and nobody here has begun to hang it up. */
  get isUp(): boolean {
    return this.#summary.state === 'up' && !this.#ending;
  }

  /** host:port that each end sends its next request to; none unless it is up. */
  contacts(): string[] {
    const call = this.#call;
    if (call === undefined || this.#state() !== 'up') return [];
    return TALK_ENDS.map((end) => call[end].farContact);
  }

  /** What is known of it now. */
  summary(): CallSummary {
    if (this.#talk === undefined) return this.#summary;
    return { ...this.#summary, state: this.#state(), ends: this.#ends() };
  }

  /** Ends it from the caller or the callee, once everything that was said is answered. */
  async hangUp(by: TalkEnd): Promise<void> {
    const [call, talk] = [this.#call, this.#talk];
    if (call === undefined || talk === undefined || this.#ending) return;
    this.#ending = true;
    await talk.stop(LAST_ANSWERS_MS);
    const [summary, ends] = [this.#summary, this.#ends()];
    this.#talk = undefined;
    summary.ends = ends;
    summary.hangUpFaults = await this.#bye(call, by);
    summary.state = 'ended';
    this.#forget(call);
  }

  async #answered(caller: PhoneCall): Promise<void> {
    const { callees, name, talkEveryMs } = this.#options;
    this.#summary.answeredAtMs = wallClockMs();
    await until(() => callees.named(name)?.state === 'answered', CALLEE_WITHIN_MS, 'the ACK');
    const callee = callees.named(name);
    if (callee === undefined) throw new Error('nobody was called');
    this.#call = { caller, callee };
    this.#talk = new Talk([this.#call], { everyMs: talkEveryMs });
    this.#summary.state = 'up';
  }

  #failed(status: number, reason: string): void {
    this.#summary.state = 'failed';
    this.#summary.failure = { status, atMs: wallClockMs(), reason };
  }

  #state(): CallSummary['state'] {
    return TALK_ENDS.every((end) => this.#call?.[end].state === 'answered') ? 'up' : 'ended';
  }

  #ends(): Record<TalkEnd, EndLedger> {
    const [call, talk] = [this.#call, this.#talk];
    if (call === undefined || talk === undefined) throw new Error(`${this.#options.name} is not up`);
    return { caller: endLedger(talk, call, 'caller'), callee: endLedger(talk, call, 'callee') };
  }

  async #bye(call: TalkCall, by: TalkEnd): Promise<string[]> {
    const [wanted, other] = by === 'caller' ? TALK_ENDS : TALK_ENDS.toReversed();
    const up = [wanted, other].filter((end) => end !== undefined && call[end].state === 'answered');
    const [first, second] = up;
    if (first === undefined) return [];
    const { status } = await call[first].bye();
    const answered = status === 200 ? [] : [`BYE of the ${first}: ${status}`];
    if (second === undefined) return [...answered, `only the ${first} was still up`];
    const ended = (): boolean => call[second].state === 'ended';
    await until(ended, ENDS_WITHIN_MS, 'the BYE').catch(() => undefined);
    return ended() ? answered : [...answered, `BYE of the ${first} did not reach the far end`];
  }

  #forget(call: TalkCall): void {
    this.#options.caller.forget(call.caller);
    this.#options.callees.forget(call.callee);
    this.#call = undefined;
  }
}
