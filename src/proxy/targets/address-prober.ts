import type { TargetAddress, TargetProbe } from '../../api/proxy-config.ts';
import type { LegHop } from '../../dialog/hop.ts';
import type { TimerEntry, TimingWheel } from '../../runtime/timing-wheel.ts';
import type { Flow } from '../flow.ts';
import type { Listeners } from '../listeners.ts';
import type { ClientHandle, Transactions } from '../transactions.ts';
import { AddressHealth } from './address-health.ts';
import { probeRequest } from './probe-request.ts';

/** Probes of addresses that are new start within this time, in ms, so that not all pods ask at once. */
const FIRST_WITHIN_MS = 1_000;
const FROM_TAG_DIGITS = 16;
const CALL_ID_DIGITS = 32;
/** The address is there and asks not to be used (RFC 3261 §21.5.4), or what stands before it got no answer (§21.4.9). */
const UNFIT = new Set([408, 503]);

/** What probing needs of a pod. */
export interface ProbeContext {
  readonly wheel: TimingWheel;
  readonly transactions: Transactions;
  readonly listeners: Listeners;
  readonly random: { hex(digits: number): string; next(): number };
  readonly newBranch: () => string;
  readonly monotonicMs: () => number;
}

/** What is probed, and by which listener. */
export interface ProbedAddress {
  target: string;
  via: string;
  address: TargetAddress;
  probe: TargetProbe;
}

/** Asks one address of a target again and again whether it is there; one question at a time. */
export class AddressProber {
  readonly #context: ProbeContext;
  readonly #health = new AddressHealth();
  readonly #changed: (up: boolean, why: string) => void;
  #probed: ProbedAddress;
  #timer: TimerEntry | undefined;
  /** The question that an answer is waited for, and how many there were. */
  #open: number | undefined;
  #count = 0;
  #request: ClientHandle | undefined;
  #askedAtMs = -Infinity;

  /** `changed` is told when the address turns up or down, and by what. */
  constructor(context: ProbeContext, probed: ProbedAddress, changed: (up: boolean, why: string) => void) {
    this.#context = context;
    this.#probed = probed;
    this.#changed = changed;
    this.#wait(FIRST_WITHIN_MS * context.random.next(), this.#ask);
  }

  get up(): boolean {
    return this.#health.up;
  }

  /** From now on probes by this; what is known of the address stays. */
  adjust(probed: ProbedAddress): void {
    const isPaced = probed.probe.intervalSeconds === this.#probed.probe.intervalSeconds;
    this.#probed = probed;
    if (!isPaced && this.#open === undefined) this.#waitForNext();
  }

  stop(): void {
    if (this.#timer) this.#context.wheel.clear(this.#timer);
    this.#open = undefined;
    if (this.#request) this.#context.transactions.giveUp(this.#request);
  }

  readonly #ask = (): void => {
    const { listeners, monotonicMs } = this.#context;
    const { address, probe, via } = this.#probed;
    this.#askedAtMs = monotonicMs();
    const hop = listeners.hop(via, address.transport);
    if (!hop) return;
    this.#open = ++this.#count;
    this.#wait(probe.timeoutSeconds * 1000, () => {
      if (this.#request) this.#context.transactions.giveUp(this.#request);
    });
    this.#request = this.#send(this.#open, hop);
  };

  #send(question: number, legHop: LegHop): ClientHandle {
    const { newBranch, random, transactions } = this.#context;
    const { address, via } = this.#probed;
    const hop = { ...legHop, branch: newBranch() };
    const ids = { fromTag: random.hex(FROM_TAG_DIGITS), callId: random.hex(CALL_ID_DIGITS) };
    const text = probeRequest(address, hop, ids);
    const flow: Flow = { listener: via, ...address };
    return transactions.openClient(
      { text, method: 'OPTIONS', branch: hop.branch, flow },
      {
        response: ({ status }) => {
          if (status >= 200) this.#settle(question, !UNFIT.has(status), `answered ${String(status)}`);
        },
        failed: (cause) => {
          this.#settle(question, false, cause === 'timeout' ? 'no answer' : 'cannot be reached');
        },
      },
    );
  }

  #settle(question: number, answered: boolean, why: string): void {
    if (question !== this.#open) return;
    this.#open = undefined;
    this.#waitForNext();
    if (this.#health.note(answered, this.#probed.probe)) this.#changed(this.#health.up, why);
  }

  #waitForNext(): void {
    const dueMs = this.#askedAtMs + this.#probed.probe.intervalSeconds * 1000;
    this.#wait(Math.max(0, dueMs - this.#context.monotonicMs()), this.#ask);
  }

  #wait(delayMs: number, then: () => void): void {
    const { wheel } = this.#context;
    if (this.#timer) wheel.clear(this.#timer);
    this.#timer = wheel.set(delayMs, then);
  }
}
