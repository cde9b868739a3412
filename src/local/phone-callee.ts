import { H, type HeaderLine, type SipMessage } from '../sip/index.ts';
import { usualAnswer } from './phone-answer.ts';
import { dialogOfRequest } from './phone-dialog.ts';
import type { LineCall, PhoneAnswer, ProvisionalAnswer, RequestOptions } from './phone-line.ts';
import { answerDirection, directionOf } from './phone-sdp.ts';
import type { PhoneServerTransaction } from './phone-server-transaction.ts';

const SDP = 'application/sdp';

/** A 2xx of ours that waits for its ACK. */
interface Unacknowledged {
  transaction: PhoneServerTransaction;
  /** The 2xx carried an offer, so the ACK must carry the answer. */
  offered: boolean;
}

/** A reliable provisional response of ours that waits for its PRACK (RFC 3262 §3). */
interface Unpracked {
  rack: string;
  transaction: PhoneServerTransaction;
  next: () => void;
}

/** The answering half of a call: what it does with the far end's requests. */
export class PhoneCallee {
  readonly #call: LineCall;
  readonly #unacknowledged = new Map<number, Unacknowledged>();
  #ringing: PhoneServerTransaction | undefined;
  #unpracked: Unpracked | undefined;
  /** The INVITE whose offer or answer went into a reliable provisional response: its 2xx carries none (RFC 6337 §2.2). */
  #described: PhoneServerTransaction | undefined;
  #rseq = 0;

  constructor(call: LineCall) {
    this.#call = call;
  }

  /** Takes a request other than ACK and CANCEL that is no copy. */
  receive(transaction: PhoneServerTransaction): void {
    const { request } = transaction;
    const refusal = this.#refusal(request);
    if (refusal !== undefined) this.#respond(transaction, refusal);
    else this.#answer(transaction);
  }

  /** Takes the ACK of a 2xx. */
  acknowledge(ack: SipMessage): void {
    const open = this.#unacknowledged.get(ack.cseq);
    if (open === undefined) return;
    this.#unacknowledged.delete(ack.cseq);
    open.transaction.acknowledge();
    if (open.offered && ack.body === '')
      this.#call.ledger.error(`no answer in the ACK of CSeq ${String(ack.cseq)}`);
  }

  /** The far end called its INVITE off (RFC 3261 §9.2). */
  cancelled(invite: PhoneServerTransaction): void {
    if (invite.answered) return;
    this.#unpracked?.transaction.acknowledge();
    this.#unpracked = undefined;
    this.#refuseInvite(invite, { status: 487 });
  }

  /** Why a request is refused before anyone is asked (RFC 3261 §12.2.2, §14.2; RFC 3311 §5.2). */
  #refusal(request: SipMessage): PhoneAnswer | undefined {
    const call = this.#call;
    if (call.state === 'ended' && request.method !== 'BYE') return { status: 481 };
    const cseq = request.cseq;
    if (cseq <= call.remoteCSeq) {
      call.ledger.error(`CSeq ${String(cseq)} ${request.method} after ${String(call.remoteCSeq)}`);
      return { status: 500 };
    }
    call.remoteCSeq = cseq;
    const offers = request.method === 'INVITE' || (request.method === 'UPDATE' && request.body !== '');
    if (offers && call.offering) return { status: 491 };
    if (offers && this.#ringing !== undefined && request.method === 'INVITE') return retryLater();
    return undefined;
  }

  #answer(transaction: PhoneServerTransaction): void {
    const { request } = transaction;
    const call = this.#call;
    const answer =
      call.rule?.(request, call) ?? call.line.rule?.(request, call) ?? usualAnswer(request, call);
    if (request.method === 'PRACK' && answer !== 'silence') {
      this.#prack(transaction, answer);
      return;
    }
    if (request.method === 'INVITE') this.#ringing = transaction;
    if (answer === 'silence') return;
    this.#ring(transaction, answer, [...(answer.provisional ?? [])]);
  }

  /** Sends the provisional responses one after the other, each reliable one after the PRACK of the one before. */
  #ring(transaction: PhoneServerTransaction, answer: PhoneAnswer, rest: ProvisionalAnswer[]): void {
    const first = rest.shift();
    const go = (): void => {
      this.#ring(transaction, answer, rest);
    };
    if (transaction.answered) return;
    if (first === undefined) {
      if (answer.delayMs === undefined) this.#respond(transaction, answer);
      else this.#later(transaction, answer, answer.delayMs);
    } else if (first.reliable === true) {
      this.#respondReliably(transaction, first, go);
    } else {
      const options = first.sdp === true ? this.#body(transaction.request, undefined) : {};
      transaction.respond(
        first.status,
        this.#call.composeResponse(transaction.request, first.status, options),
      );
      go();
    }
  }

  #later(transaction: PhoneServerTransaction, answer: PhoneAnswer, delayMs: number): void {
    this.#call.line.timers.after(delayMs, () => {
      if (!transaction.answered) this.#respond(transaction, answer);
    });
  }

  #respondReliably(transaction: PhoneServerTransaction, first: ProvisionalAnswer, next: () => void): void {
    const { request } = transaction;
    this.#rseq += 1;
    const body = first.sdp === true ? this.#body(request, undefined) : {};
    if (first.sdp === true) this.#described = transaction;
    const headers: HeaderLine[] = [
      [H.Require, '100rel'],
      [H.RSeq, String(this.#rseq)],
    ];
    const text = this.#call.composeResponse(request, first.status, { ...body, headers });
    this.#unpracked = {
      rack: `${String(this.#rseq)} ${String(request.cseq)} INVITE`,
      transaction,
      next,
    };
    transaction.respondReliably(first.status, text, () => {
      this.#call.ledger.error(`no PRACK for ${String(first.status)}`);
    });
  }

  #prack(transaction: PhoneServerTransaction, answer: PhoneAnswer): void {
    const open = this.#unpracked;
    const rack = transaction.request.get(H.RAck)?.split(/\s+/).join(' ');
    if (open === undefined || rack !== open.rack) {
      this.#call.ledger.error(`PRACK of ${rack ?? 'nothing'}, waiting for ${open?.rack ?? 'none'}`);
      this.#respond(transaction, { status: 481 });
      return;
    }
    this.#unpracked = undefined;
    open.transaction.acknowledge();
    this.#respond(transaction, answer);
    open.next();
  }

  #respond(transaction: PhoneServerTransaction, answer: PhoneAnswer): void {
    const { request } = transaction;
    if (request.method === 'INVITE') {
      if (answer.status < 300) this.#acceptInvite(transaction, answer);
      else this.#refuseInvite(transaction, answer);
      return;
    }
    const accepted = answer.status < 300;
    if (accepted && request.method === 'UPDATE') this.#call.refreshTarget(request);
    if (accepted && request.method === 'BYE') this.#end();
    const offer =
      accepted && (request.method === 'UPDATE' || request.method === 'PRACK') && request.body !== '';
    const options = offer ? this.#body(request, answer) : { headers: answer.headers ?? [] };
    transaction.respond(answer.status, this.#call.composeResponse(request, answer.status, options));
  }

  /** A BYE came: what is still pending is refused (RFC 3261 §15.1.2). */
  #end(): void {
    this.#call.state = 'ended';
    if (this.#ringing !== undefined) this.#refuseInvite(this.#ringing, { status: 487 });
  }

  #acceptInvite(transaction: PhoneServerTransaction, answer: PhoneAnswer): void {
    const { request } = transaction;
    const call = this.#call;
    if (call.state === 'calling') call.dialog = dialogOfRequest(request);
    call.refreshTarget(request);
    this.#ringing = undefined;
    const described = this.#described === transaction;
    this.#unacknowledged.set(request.cseq, {
      transaction,
      offered: request.body === '' && !described,
    });
    const options = described ? { headers: answer.headers ?? [] } : this.#body(request, answer);
    const text = call.composeResponse(request, answer.status, options);
    transaction.respondReliably(answer.status, text, () => {
      this.#unacknowledged.delete(request.cseq);
      call.ledger.error(`no ACK of CSeq ${String(request.cseq)}`);
      if (call.state === 'answered') void call.bye();
    });
    call.settle(answer.status);
  }

  #refuseInvite(transaction: PhoneServerTransaction, answer: PhoneAnswer): void {
    const { request } = transaction;
    this.#ringing = undefined;
    const text = this.#call.composeResponse(request, answer.status, { headers: answer.headers ?? [] });
    transaction.respondReliably(answer.status, text, () => {
      this.#call.ledger.error(`no ACK of the ${String(answer.status)} to CSeq ${String(request.cseq)}`);
    });
    this.#call.settle(answer.status);
  }

  /** The description for a response: an answer where the request offers, an offer where it does not. */
  #body(request: SipMessage, answer: PhoneAnswer | undefined): RequestOptions {
    const call = this.#call;
    const direction =
      request.body === ''
        ? call.holding
          ? 'sendonly'
          : 'sendrecv'
        : answerDirection(directionOf(request.body), call.holding);
    const text = answer?.sdp ?? call.sdp.with(direction);
    return { headers: answer?.headers ?? [], body: { type: SDP, text } };
  }
}

/** RFC 3261 §14.2: while an earlier INVITE has no final response. */
function retryLater(): PhoneAnswer {
  return { status: 500, headers: [[H.RetryAfter, String(Math.floor(Math.random() * 11))]] };
}
