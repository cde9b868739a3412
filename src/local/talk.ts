import type { LedgerEntry } from './call-ledger.ts';
import type { PhoneCall } from './phone-call.ts';
import { TimerSet } from './timer-set.ts';
import { until } from './until.ts';
import { wallClockMs } from './wall-clock.ts';

/** A call as both its ends know it. */
export interface TalkCall {
  caller: PhoneCall;
  callee: PhoneCall;
}

/** One end of a call. */
export type TalkEnd = 'caller' | 'callee';

/** Both ends. */
export const TALK_ENDS: readonly TalkEnd[] = ['caller', 'callee'];

/** One request that an end sent in its call. */
export interface TalkRequest {
  /** As the ledger of that end has it. */
  sent: LedgerEntry;
  /** Final status; 408 if none came within 64*T1; 0 while none has come. */
  status: number;
  /** Wall-clock time of the final status, ms; 0 while none has come. */
  doneAtMs: number;
  /** host:port that it was sent to: the far end's Contact at that time. */
  to: string;
}

/** How a talk goes. */
export interface TalkOptions {
  /** INFO, if not given. */
  method?: string;
  /** Time between two requests of one end; 1000 if not given. */
  everyMs?: number;
}

const EVERY_MS = 1000;

/** In every call, a request from each end again and again, all of them spread evenly over the time between two. */
export class Talk {
  readonly calls: readonly TalkCall[];
  readonly method: string;
  /** Wall-clock time of the first request, ms. */
  readonly startedAtMs: number = wallClockMs();
  readonly #requests = new Map<PhoneCall, TalkRequest[]>();
  readonly #timers = new TimerSet();
  readonly #everyMs: number;
  #stopped = false;

  constructor(calls: readonly TalkCall[], options: TalkOptions = {}) {
    this.calls = calls;
    this.method = options.method ?? 'INFO';
    this.#everyMs = options.everyMs ?? EVERY_MS;
    // The two ends of a call speak in turn.
    const ends = TALK_ENDS.flatMap((end) => calls.map((call) => call[end]));
    ends.forEach((end, index) => {
      this.#requests.set(end, []);
      this.#timers.after((index / ends.length) * this.#everyMs, () => {
        this.#say(end);
      });
    });
  }

  /** What an end of a call has sent so far, in order. */
  requests(end: PhoneCall): readonly TalkRequest[] {
    return this.#requests.get(end) ?? [];
  }

  /** Sends no more, and waits until everything sent is answered, at most `timeoutMs`; false if something is not. */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#stopped = true;
    this.#timers.clear();
    const open = (): boolean => [...this.#requests.values()].flat().some((request) => request.status === 0);
    return until(() => !open(), timeoutMs, 'the last answers').then(
      () => true,
      () => false,
    );
  }

  /** The next request of an end, as long as its call lasts. */
  #say(end: PhoneCall): void {
    if (this.#stopped || end.state !== 'answered') return;
    const to = end.farContact;
    const outcome = end.request(this.method);
    const sent = end.ledger.entries.at(-1);
    if (sent?.way === 'sent' && sent.method === this.method) this.#note(end, { sent, to }, outcome);
    this.#timers.after(this.#everyMs, () => {
      this.#say(end);
    });
  }

  #note(
    end: PhoneCall,
    { sent, to }: Pick<TalkRequest, 'sent' | 'to'>,
    outcome: Promise<{ status: number }>,
  ): void {
    const request: TalkRequest = { sent, to, status: 0, doneAtMs: 0 };
    this.#requests.get(end)?.push(request);
    void outcome.then(({ status }) => {
      request.status = status;
      request.doneAtMs = wallClockMs();
    });
  }
}
