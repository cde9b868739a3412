import type { DialogRecord, LegIndex } from '../../../src/dialog/record.ts';
import type { RehomeEffect } from '../../../src/rehome/effect.ts';
import type { RehomeEvent } from '../../../src/rehome/event.ts';
import { createJob, type NewOwner, type RehomeJob } from '../../../src/rehome/job.ts';
import { next } from '../../../src/rehome/next.ts';
import type { RehomePolicy } from '../../../src/rehome/policy.ts';
import type { HeaderLine, SipMessage } from '../../../src/sip/index.ts';
import { message, parsed } from '../dialog/call-flow.ts';
import { ANSWER, OFFER, sampleRecord } from '../dialog/sample-record.ts';

/** The pod that takes the sample call over, in epoch 4. */
export const NEW_OWNER: NewOwner = {
  pod: 'edge-1',
  epoch: 4,
  homeSince: 4,
  inSync: true,
  doubtful: false,
  hops: [
    { transport: 'UDP', sentBy: '203.0.113.2:5060', contact: '203.0.113.2:5060' },
    { transport: 'TCP', sentBy: '10.0.0.2:5070', contact: '10.0.0.2:5070' },
  ],
};

const POLICY: RehomePolicy = { method: 'Reinvite', t1Ms: 500, t2Ms: 4_000 };

type Sent = Extract<RehomeEffect, { type: 'request' }> & { message: SipMessage; atMs: number };

/** A job on virtual time, with pacing that lets every leg go at once. */
export class RehomedCall {
  readonly job: RehomeJob;
  readonly effects: (RehomeEffect & { atMs: number })[] = [];
  nowMs = 0;
  chance = 0;
  /** Places taken in the pacing. */
  inFlight = 0;
  readonly #seeds = [0.1, 0.7, 0.3, 0.9, 0.5];
  #drawn = 0;

  constructor(
    record: DialogRecord = sampleRecord(),
    owner: Partial<NewOwner> = {},
    policy: Partial<RehomePolicy> = {},
  ) {
    this.job = createJob(record, { ...NEW_OWNER, ...owner }, { ...POLICY, ...policy }, 0);
  }

  get record(): DialogRecord {
    return this.job.record;
  }

  /** Feeds an event and whatever follows from it at once. */
  event(event: RehomeEvent): RehomeEffect[] {
    const effects = next(this.job, event, this.nowMs, () => this.#random());
    for (const effect of effects) {
      this.effects.push({ ...effect, atMs: this.nowMs });
      if (effect.type === 'release') this.inFlight--;
    }
    for (const effect of effects) {
      if (effect.type !== 'queue') continue;
      this.inFlight++;
      this.event({ type: 'go', leg: effect.leg });
    }
    return effects;
  }

  begin(): this {
    this.event({ type: 'begin' });
    return this;
  }

  /** Lets time pass, waking the job whenever it wants. */
  runUntil(untilMs: number): void {
    while (this.job.wakeAtMs <= untilMs) {
      if (this.job.wakeAtMs < this.nowMs) throw new Error('a wake-up in the past');
      this.nowMs = this.job.wakeAtMs;
      this.event({ type: 'time' });
    }
    this.nowMs = untilMs;
  }

  /** Requests sent so far to this leg. */
  requests(leg: LegIndex, method: string): Sent[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'request' && effect.leg === leg && effect.method === method
        ? [{ ...effect, message: parsed(effect.text) }]
        : [],
    );
  }

  acks(leg: LegIndex): SipMessage[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'ack' && effect.leg === leg ? [parsed(effect.text)] : [],
    );
  }

  replies(leg: LegIndex): { message: SipMessage; atMs: number }[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'reply' && effect.leg === leg
        ? [{ message: parsed(effect.text), atMs: effect.atMs }]
        : [],
    );
  }

  of<T extends RehomeEffect['type']>(type: T): Extract<RehomeEffect, { type: T }>[] {
    return this.effects.filter(
      (effect): effect is Extract<RehomeEffect, { type: T }> & { atMs: number } => effect.type === type,
    );
  }

  last(leg: LegIndex, method = 'INVITE'): Sent {
    const sent = this.requests(leg, method).at(-1);
    if (sent === undefined) throw new Error(`no ${method} on leg ${String(leg)}`);
    return sent;
  }

  /** The endpoint's response to the last request on its leg. */
  answer(
    leg: LegIndex,
    statusLine: string,
    options: {
      extra?: readonly string[];
      body?: string;
      method?: string;
      othersReached?: boolean;
      credentials?: HeaderLine;
    } = {},
  ): RehomeEffect[] {
    const { cseq, method } = this.last(leg, options.method);
    const response = this.response(leg, statusLine, { ...options, cseq: `${String(cseq)} ${method}` });
    return this.event({
      type: 'response',
      leg,
      message: response,
      othersReached: options.othersReached ?? true,
      credentials: options.credentials,
    });
  }

  response(
    leg: LegIndex,
    statusLine: string,
    options: { extra?: readonly string[]; body?: string; cseq: string },
  ): SipMessage {
    const { local, localTag, remote, remoteTag, callId } = this.record.legs[leg];
    return message(
      [
        `SIP/2.0 ${statusLine}`,
        `Via: ${this.requests(leg, 'INVITE').at(-1)?.message.via?.host ?? 'x'}`,
        `From: ${local};tag=${localTag}`,
        `To: ${remote};tag=${remoteTag}`,
        `Call-ID: ${callId}`,
        `CSeq: ${options.cseq}`,
        ...(options.extra ?? []),
      ],
      options.body ?? '',
    );
  }

  /** The endpoint's 200 with its known description and target. */
  accept(leg: LegIndex, body: string = leg === 0 ? OFFER : ANSWER): RehomeEffect[] {
    return this.answer(leg, '200 OK', { extra: [`Contact: <${this.record.legs[leg].remoteTarget}>`], body });
  }

  silence(leg: LegIndex, othersReached = true): RehomeEffect[] {
    return this.event({ type: 'silence', leg, cseq: this.last(leg).cseq, othersReached });
  }

  /** Different for every branch, but what the test wants where a wait is drawn. */
  #random(): number {
    this.#drawn++;
    return this.chance + (this.#seeds[this.#drawn % 5] ?? 0) * 1e-6 + this.#drawn * 1e-9;
  }
}
