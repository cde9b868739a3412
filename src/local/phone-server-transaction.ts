import type { SipMessage } from '../sip/index.ts';
import type { PhoneTiming } from './phone-client-transaction.ts';
import type { SocketAddress } from './phone-address.ts';
import type { TimerSet } from './timer-set.ts';

/** A request received, and what its transaction needs to answer it. */
export interface PhoneServerUse {
  readonly request: SipMessage;
  readonly from: SocketAddress;
  readonly timing: PhoneTiming;
  readonly timers: TimerSet;
  /** Whether refusals of an INVITE are repeated: the transport is not reliable. A 2xx is repeated over any. */
  readonly repeats: boolean;
  send(text: string, repeat: boolean): void;
  finished(): void;
}

/**
 * A server transaction (RFC 3261 §17.2, RFC 6026, RFC 3262): it repeats what must be acknowledged, an INVITE's
 * 2xx included, and answers copies of the request with the last response.
 */
export class PhoneServerTransaction {
  readonly request: SipMessage;
  readonly from: SocketAddress;
  readonly #use: PhoneServerUse;
  #last = '';
  #status = 0;
  #acknowledged = true;
  #stopRepeating: () => void = () => undefined;
  #stopWaiting: () => void = () => undefined;

  constructor(use: PhoneServerUse) {
    this.#use = use;
    this.request = use.request;
    this.from = use.from;
  }

  /** Status of the last response, 0 before the first. */
  get status(): number {
    return this.#status;
  }

  get answered(): boolean {
    return this.#status >= 200;
  }

  /** Sends a response that needs no acknowledgement. */
  respond(status: number, text: string): void {
    this.#put(status, text);
    if (status >= 200) this.#leave();
  }

  /** Sends a response and repeats it until `acknowledge`; `missing` is called when that has not come after 64*T1. */
  respondReliably(status: number, text: string, missing: () => void): void {
    this.#put(status, text);
    this.#acknowledged = false;
    if (this.#use.repeats || status < 300) this.#repeatAfter(this.#use.timing.t1Ms, text);
    this.#stopWaiting = this.#use.timers.after(64 * this.#use.timing.t1Ms, () => {
      this.#stopRepeating();
      missing();
    });
    if (status >= 200) this.#leave();
  }

  /** The ACK or PRACK of the last response came. */
  acknowledge(): void {
    this.#acknowledged = true;
    this.#stopRepeating();
    this.#stopWaiting();
  }

  /** A copy of the request came. */
  again(): void {
    if (this.#last !== '' && !(this.#acknowledged && this.#isAcked())) this.#use.send(this.#last, true);
  }

  #isAcked(): boolean {
    return this.request.method === 'INVITE' && this.answered;
  }

  #put(status: number, text: string): void {
    this.acknowledge();
    this.#status = status;
    this.#last = text;
    this.#use.send(text, false);
  }

  /** Timer G and its like for a 2xx (§13.3.1.4): doubled each time, at most T2. */
  #repeatAfter(intervalMs: number, text: string): void {
    this.#stopRepeating = this.#use.timers.after(intervalMs, () => {
      this.#use.send(text, true);
      this.#repeatAfter(Math.min(2 * intervalMs, this.#use.timing.t2Ms), text);
    });
  }

  /** Timers J and L, and H with I. */
  #leave(): void {
    this.#use.timers.after(65 * this.#use.timing.t1Ms, () => {
      this.#stopRepeating();
      this.#use.finished();
    });
  }
}
