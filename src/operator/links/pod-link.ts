import { setTimeout } from 'node:timers/promises';
import type { ControlReport, ControlState } from '../../api/control.ts';
import type { Logger } from '../../runtime/logger.ts';
import { BackOff } from '../../mesh/back-off.ts';
import { stateDigest } from '../../reconcile/digest.ts';
import { ControlRefusal } from './control-client.ts';

const LONGEST_PAUSE_MS = 1_000;
/** How long a pod may hold an answer back that has no news but counts: shorter while the counts move. */
const POLL_SECONDS = { busy: 10, idle: 30 } as const;
/** Before a state that the pod would not take is sent again. */
const REFUSED_PAUSE_MS = 2_000;
/**
 * Before one is sent again under a higher term: soon for a successor, then ever later, since two that lead at once overbid each
 * other for ever, and a move that one orders may be undone by the other.
 */
const STALE_PAUSE_MS = { first: 100, factor: 4, longest: 30_000 } as const;
/** After this without being overbid the pauses begin anew. */
const RIVAL_GONE_MS = 120_000;
/** A successor that takes over is overbid once or twice; who is overbid so often is not alone. */
const RIVAL_AFTER = 5;

/** The wish of the plan for one pod; the link adds term and generation. */
export type WishedState = Omit<ControlState, 'term' | 'generation'>;

/** What the plan reads of a link. */
export interface LinkView {
  report: ControlReport | undefined;
  reportedAtMs: number;
  unreachableSinceMs: number | undefined;
  sentState: string;
}

/** What a link needs. */
export interface PodLinkParts {
  readonly pod: string;
  readonly client: {
    report(since: string, waitSeconds: number): Promise<ControlReport>;
    putState(state: ControlState): Promise<ControlReport>;
    close(): void;
  };
  /** The leadership's number. */
  readonly term: () => number;
  /** The pod has a state of a higher term than this leader's. */
  readonly onHigherTerm: (term: number) => void;
  /** Something that the plan reads has changed. */
  readonly onChange: () => void;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
}

/** One pod's control API as a level: what it last said of itself, and what it is told until it has taken it. */
export class PodLink {
  readonly #parts: PodLinkParts;
  readonly #backOff: BackOff;
  #view: LinkView;
  /** What the pod last said, to notice that it says nothing new. */
  #said = '';
  #wish: { state: WishedState; digest: string } | undefined;
  #sending = false;
  #generation = 0;
  #acknowledged = { term: 0, generation: 0, digest: '', boot: '' };
  readonly #ended = new AbortController();
  /** How often a higher term was met in a row, and when last. */
  #overbid = { times: 0, atMs: -Infinity };
  #isTried = false;
  #isBusy = true;

  constructor(parts: PodLinkParts) {
    this.#parts = parts;
    this.#backOff = new BackOff(parts.random);
    this.#view = { report: undefined, reportedAtMs: 0, unreachableSinceMs: undefined, sentState: '' };
  }

  get view(): LinkView {
    return this.#view;
  }

  /** Whether it is known if the pod answers. */
  get isTried(): boolean {
    return this.#isTried;
  }

  /** Asks until it is stopped. */
  start(): void {
    void this.#poll();
  }

  stop(): void {
    this.#ended.abort();
    this.#parts.client.close();
  }

  /** Tells the pod this from now on, until it has taken it or another wish replaces it. */
  wish(state: WishedState): void {
    const digest = stateDigest(state);
    if (digest === this.#wish?.digest) return;
    this.#wish = { state, digest };
    void this.#send();
  }

  async #poll(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        const waitSeconds = this.#isBusy ? POLL_SECONDS.busy : POLL_SECONDS.idle;
        this.#heard(await this.#parts.client.report(this.#view.report?.version ?? '', waitSeconds));
        this.#backOff.reset();
        void this.#send();
      } catch (error) {
        if (this.#isStopped()) return;
        this.#silent(error);
        await this.#pause(this.#backOff.next(LONGEST_PAUSE_MS));
      }
    }
  }

  /** Until the wish in force is acknowledged; a pod that cannot be reached is told by the poll that reaches it. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#wish !== undefined && this.#wish.digest !== this.#view.sentState && this.#isReached())
      await this.#put(this.#wish);
    this.#sending = false;
  }

  async #put({ state, digest }: { state: WishedState; digest: string }): Promise<void> {
    const order = { term: this.#parts.term(), generation: ++this.#generation };
    try {
      const report = await this.#parts.client.putState({ ...order, ...state });
      this.#acknowledged = { ...order, digest, boot: report.status.boot };
      this.#heard(report);
    } catch (error) {
      if (!this.#isStopped()) await this.#pause(this.#refused(error));
    }
  }

  /** Returns how long to wait before the next attempt. */
  #refused(error: unknown): number {
    const { pod, log } = this.#parts;
    if (!(error instanceof ControlRefusal)) return LONGEST_PAUSE_MS;
    if (error.problem.code === 'CONTROL_STALE') return this.#overbidNow();
    log.error('a pod refused its state', { code: 'STATE_REFUSED', pod, error: error.message });
    return REFUSED_PAUSE_MS;
  }

  #overbidNow(): number {
    const { pod, log, onHigherTerm, nowMs } = this.#parts;
    const before = nowMs() - this.#overbid.atMs < RIVAL_GONE_MS ? this.#overbid.times : 0;
    this.#overbid = { times: before + 1, atMs: nowMs() };
    if (before + 1 === RIVAL_AFTER)
      log.warn('another operator gives this pod orders too', { code: 'RIVAL_OPERATOR', pod });
    onHigherTerm(this.#view.report?.term ?? 0);
    const { first, factor, longest } = STALE_PAUSE_MS;
    return Math.min(first * factor ** before, longest);
  }

  #heard(report: ControlReport): void {
    if (this.#isStopped() || this.#isOvertaken(report)) return;
    const said = JSON.stringify(report);
    this.#isBusy = said !== this.#said;
    const sentState = this.#stillKnows(report) ? this.#acknowledged.digest : '';
    const wasAway = this.#view.unreachableSinceMs !== undefined;
    const changed = !this.#isTried || wasAway || this.#isBusy || sentState !== this.#view.sentState;
    this.#view = { report, reportedAtMs: this.#parts.nowMs(), unreachableSinceMs: undefined, sentState };
    this.#said = said;
    this.#isTried = true;
    if (changed) this.#parts.onChange();
  }

  /** Whether the answer to a poll left the pod before the answer to an order that is here already. */
  #isOvertaken({ term, generation, status }: ControlReport): boolean {
    const known = this.#acknowledged;
    if (status.boot !== known.boot) return false;
    return term < known.term || (term === known.term && generation < known.generation);
  }

  /** A pod that started anew, or that another leader told something, does not have what this one sent. */
  #stillKnows({ term, generation, status }: ControlReport): boolean {
    const known = this.#acknowledged;
    return term === known.term && generation === known.generation && status.boot === known.boot;
  }

  #silent(error: unknown): void {
    this.#isTried = true;
    if (this.#view.unreachableSinceMs !== undefined) return;
    this.#view = { ...this.#view, unreachableSinceMs: this.#parts.nowMs() };
    this.#parts.log.info('a pod does not answer', { pod: this.#parts.pod, error: String(error) });
    this.#parts.onChange();
  }

  #isStopped(): boolean {
    return this.#ended.signal.aborted;
  }

  #isReached(): boolean {
    return !this.#isStopped() && this.#isTried && this.#view.unreachableSinceMs === undefined;
  }

  /** Shorter if the link is stopped meanwhile. */
  async #pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#ended.signal, ref: false }).catch(() => undefined);
  }
}
