import type { SipMessage } from '../sip/index.ts';
import { buildAck } from '../sip/transaction/ack.ts';
import type { SocketAddress } from './phone-address.ts';
import type { TimerSet } from './timer-set.ts';

/** The retransmission intervals of a phone, in ms (RFC 3261 §17.1.1.1). */
export interface PhoneTiming {
  t1Ms: number;
  t2Ms: number;
}

/** A request on its way, and who waits for its responses. */
export interface PhoneClientUse {
  readonly request: SipMessage;
  readonly to: SocketAddress;
  readonly timing: PhoneTiming;
  readonly timers: TimerSet;
  /** Whether requests are repeated: the transport is not reliable. */
  readonly repeats: boolean;
  send(text: string, repeat: boolean): void;
  /** Every response; `repeat` when the final one came before. */
  response(message: SipMessage, repeat: boolean): void;
  /** No final response within 64*T1 (Timer B or F). */
  timeout(): void;
  /** The transaction matches nothing any more. */
  finished(): void;
}

/** A client transaction (RFC 3261 §17.1, RFC 6026): it sends, repeats, and ACKs what is not a 2xx. */
export class PhoneClientTransaction {
  readonly #use: PhoneClientUse;
  readonly #invite: boolean;
  #state: 'calling' | 'proceeding' | 'completed' = 'calling';
  #stopRepeating: () => void = () => undefined;
  #stopWaiting: () => void;
  #ack = '';

  constructor(use: PhoneClientUse) {
    this.#use = use;
    this.#invite = use.request.method === 'INVITE';
    use.send(use.request.text, false);
    if (use.repeats) this.#repeatAfter(use.timing.t1Ms);
    this.#stopWaiting = use.timers.after(64 * use.timing.t1Ms, () => {
      this.#giveUp();
    });
  }

  get request(): SipMessage {
    return this.#use.request;
  }

  get to(): SocketAddress {
    return this.#use.to;
  }

  get completed(): boolean {
    return this.#state === 'completed';
  }

  /** Whether a provisional response came, so that a CANCEL may be sent (RFC 3261 §9.1). */
  get proceeding(): boolean {
    return this.#state === 'proceeding';
  }

  /** Takes a response that matches by branch and method. */
  receive(response: SipMessage): void {
    if (response.status < 200) this.#provisional(response);
    else this.#final(response);
  }

  #provisional(response: SipMessage): void {
    if (this.#state === 'completed') return;
    this.#state = 'proceeding';
    if (this.#invite) {
      this.#stopRepeating();
      this.#stopWaiting();
    }
    this.#use.response(response, false);
  }

  #final(response: SipMessage): void {
    const repeat = this.#state === 'completed';
    if (!repeat) this.#complete();
    if (this.#invite && response.status >= 300) {
      this.#ack ||= buildAck(this.#use.request, response);
      this.#use.send(this.#ack, repeat);
    }
    this.#use.response(response, repeat);
  }

  /** Stays for as long as copies of the response may come (Timers D, K and M). */
  #complete(): void {
    this.#state = 'completed';
    this.#stopRepeating();
    this.#stopWaiting();
    this.#use.timers.after(64 * this.#use.timing.t1Ms, () => {
      this.#use.finished();
    });
  }

  /** Timers A and E: doubled each time, E at most T2. */
  #repeatAfter(intervalMs: number): void {
    this.#stopRepeating = this.#use.timers.after(intervalMs, () => {
      this.#use.send(this.#use.request.text, true);
      const { t2Ms } = this.#use.timing;
      const slow = !this.#invite && this.#state === 'proceeding';
      const next = slow ? t2Ms : 2 * intervalMs;
      this.#repeatAfter(this.#invite ? next : Math.min(next, t2Ms));
    });
  }

  #giveUp(): void {
    this.#stopRepeating();
    this.#state = 'completed';
    this.#use.finished();
    this.#use.timeout();
  }
}
