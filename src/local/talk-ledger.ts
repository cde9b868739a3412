import type { PhoneCall } from './phone-call.ts';
import { TALK_ENDS, type Talk, type TalkCall, type TalkEnd, type TalkRequest } from './talk.ts';

/** Part of a talk; wall clock, ms. */
export interface TalkSpan {
  sinceMs: number;
  untilMs: number;
}

/** Whether nothing better could be expected of what an end sent at a time: its pod was dead, say. */
export type Excuse = (call: TalkCall, end: TalkEnd, atMs: number) => boolean;

/** What one end of one call saw in a part of a talk. */
export interface EndVerdict {
  sent: number;
  /** Requests that got a 2xx. */
  answered: number;
  /** Requests that got no 2xx, or nothing yet. */
  lost: number;
  /** Of these, the ones for which there was an excuse. */
  excused: number;
  /** Final status to how many requests got it; 0 for none yet, 408 for none within 64*T1. */
  statuses: ReadonlyMap<number, number>;
  /** Requests that were sent twice or more. */
  repeated: number;
  /** INVITEs received in the call, repeats not counted. */
  reinvites: number;
  /** host:port of the Contacts received, in order, each once. */
  contacts: string[];
  /** Whether the call is still up. */
  alive: boolean;
  /** What should not have happened, in words. */
  faults: string[];
}

/** Both ends of some calls added up. */
export interface TalkSum {
  calls: number;
  alive: number;
  sent: number;
  answered: number;
  lost: number;
  excused: number;
  repeated: number;
  /** Re-INVITEs at the least and at the most asked end. */
  reinvites: { least: number; most: number };
  faults: string[];
}

/** A request may be repeated so often before it counts as a fault: a lost datagram is nobody's. */
const REPEATS_ALLOWED = 1;

/** What a talk came to, from the ledgers of both ends. */
export class TalkLedger {
  readonly #talk: Talk;
  readonly #excuse: Excuse;

  /** Without an excuse nothing is excused. */
  constructor(talk: Talk, excuse: Excuse = () => false) {
    this.#talk = talk;
    this.#excuse = excuse;
  }

  /** The verdict on an end of a call; on the whole talk, if no span is given. */
  end(call: TalkCall, end: TalkEnd, span: TalkSpan = this.#all()): EndVerdict {
    const phone = call[end];
    const requests = this.#talk.requests(phone).filter(({ sent }) => within(sent.atMs, span));
    const failed = requests.filter(isLost);
    const excused = requests.filter(({ sent }) => this.#excuse(call, end, sent.atMs));
    const received = phone.ledger.entries.filter(
      (entry) => entry.way === 'received' && within(entry.atMs, span),
    );
    const reinvites = phone.ledger.reinvites().filter((entry) => within(entry.atMs, span));
    const repeatsOf = phone.ledger.repeatsOf('sent');
    const repeats = requests.map(({ sent }) => repeatsOf(sent));
    const faults = [
      ...failed.filter((request) => !excused.includes(request)).map((request) => this.#failure(request)),
      ...requests.flatMap((request, index) => this.#impatience(request, repeats[index] ?? 0, excused)),
      ...this.#others(phone),
      ...unasked(phone),
    ];
    return {
      sent: requests.length,
      answered: requests.length - failed.length,
      lost: failed.length,
      excused: excused.filter(isLost).length,
      statuses: tally(requests.map(({ status }) => status)),
      repeated: repeats.filter((count) => count > 0).length,
      reinvites: reinvites.length,
      contacts: [...new Set(received.map((entry) => entry.contact).filter((contact) => contact !== ''))],
      alive: phone.state === 'answered',
      faults: faults.map((fault) => `${call.caller.name}, ${end}: ${fault}`),
    };
  }

  /** All faults of all calls; empty if every call is up and every request was answered with 2xx at once. */
  faults(span: TalkSpan = this.#all()): string[] {
    return [...this.sum(this.#talk.calls, span).faults, ...this.#doubled()];
  }

  /** Adds up calls of the talk. */
  sum(calls: readonly TalkCall[], span: TalkSpan = this.#all()): TalkSum {
    const ends = calls.map((call) => TALK_ENDS.map((end) => this.end(call, end, span)));
    const flat = ends.flat();
    const add = (count: (verdict: EndVerdict) => number): number =>
      flat.reduce((sum, verdict) => sum + count(verdict), 0);
    const reinvites = flat.map((verdict) => verdict.reinvites);
    return {
      calls: calls.length,
      alive: ends.filter((both) => both.every((verdict) => verdict.alive)).length,
      sent: add((verdict) => verdict.sent),
      answered: add((verdict) => verdict.answered),
      lost: add((verdict) => verdict.lost),
      excused: add((verdict) => verdict.excused),
      repeated: add((verdict) => verdict.repeated),
      reinvites: { least: Math.min(...reinvites), most: Math.max(...reinvites) },
      faults: flat.flatMap((verdict) => verdict.faults),
    };
  }

  #all(): TalkSpan {
    return { sinceMs: this.#talk.startedAtMs, untilMs: Number.POSITIVE_INFINITY };
  }

  #failure({ status, sent }: TalkRequest): string {
    if (status === 0) return `no answer yet to ${sent.method} ${String(sent.cseq)}`;
    return `${String(status)} to ${sent.method} ${String(sent.cseq)}`;
  }

  #impatience(request: TalkRequest, repeats: number, excused: readonly TalkRequest[]): string[] {
    if (repeats <= REPEATS_ALLOWED || excused.includes(request)) return [];
    const { method, cseq } = request.sent;
    return [`${method} ${String(cseq)} had to be repeated ${String(repeats)} times`];
  }

  /** What the phone itself complained of, its own failed requests apart: they are judged one by one. */
  #others(phone: PhoneCall): string[] {
    const own = [`no answer to ${this.#talk.method} at `, `481 to ${this.#talk.method}`];
    const others = phone.ledger.errors.filter((error) => !own.some((start) => error.startsWith(start)));
    const ended = phone.ledger.requests('received', 'BYE').length > 0 ? ['the far side hung up'] : [];
    return [...others, ...ended];
  }

  /** Requests that reached the far end as two: over the whole talk, since the times of the two ends differ. */
  #doubled(): string[] {
    return this.#talk.calls.flatMap((call) =>
      TALK_ENDS.flatMap((end) => {
        const far = call[end === 'caller' ? 'callee' : 'caller'];
        const requests = this.#talk.requests(call[end]);
        const sent = requests.length;
        const excused = requests.filter((request) => this.#excuse(call, end, request.sent.atMs)).length;
        const received = far.ledger
          .requests('received', this.#talk.method)
          .filter((entry) => entry.atMs >= this.#talk.startedAtMs).length;
        if (received <= sent + excused) return [];
        return [`${call.caller.name}, ${end}: ${String(sent)} requests became ${String(received)}`];
      }),
    );
  }
}

/** INVITEs that came more often than a lost datagram explains. */
function unasked({ ledger }: PhoneCall): string[] {
  const repeatsOf = ledger.repeatsOf('received');
  return ledger.requests('received', 'INVITE').flatMap((invite) => {
    const repeats = repeatsOf(invite);
    return repeats <= REPEATS_ALLOWED
      ? []
      : [`INVITE ${String(invite.cseq)} came ${String(repeats + 1)} times`];
  });
}

function isLost({ status }: TalkRequest): boolean {
  return status < 200 || status >= 300;
}

function within(atMs: number, span: TalkSpan): boolean {
  return atMs >= span.sinceMs && atMs < span.untilMs;
}

function tally(statuses: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}
