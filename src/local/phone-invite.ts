import { buildRequest, H, type HeaderLine, type SipMessage } from '../sip/index.ts';
import type { SocketAddress } from './phone-address.ts';
import type { LineCall, Outcome } from './phone-line.ts';
import type { PhoneClientTransaction } from './phone-client-transaction.ts';
import { dialogOfResponse, type PhoneDialog } from './phone-dialog.ts';
import { answerDirection, directionOf, type MediaDirection } from './phone-sdp.ts';

/** How an INVITE is sent. */
export interface InviteOptions {
  /** Direction offered; what was agreed last, if not given. */
  direction?: MediaDirection;
  /** Leaves the offer to the far end (no body; the answer goes into the ACK or PRACK). */
  late?: boolean;
  headers?: readonly HeaderLine[];
  /** The INVITE that sets the call up. */
  initial?: boolean;
}

const SDP = 'application/sdp';

/** An INVITE of a phone, from its request to its ACK. */
export class PhoneInvite {
  readonly outcome: Promise<Outcome>;
  readonly #call: LineCall;
  readonly #options: InviteOptions;
  readonly #cseq: number;
  readonly #acks = new Map<string, { text: string; to: SocketAddress }>();
  #transaction: PhoneClientTransaction | undefined;
  #settle: (outcome: Outcome) => void = () => undefined;
  #lastRSeq = 0;
  #answered: boolean;
  #cancelled = false;
  #pending = true;

  constructor(call: LineCall, options: InviteOptions) {
    this.#call = call;
    this.#options = options;
    this.#cseq = call.nextCSeq();
    this.#answered = options.late !== true;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#send();
  }

  /** Whether no final response has come. */
  get pending(): boolean {
    return this.#pending;
  }

  /** RFC 3261 §9.1; false where a final response is there already. A CANCEL before any 1xx waits for it. */
  cancel(): boolean {
    if (!this.#pending) return false;
    this.#cancelled = true;
    if (this.#transaction?.proceeding === true) this.#sendCancel();
    return true;
  }

  #send(): void {
    const { direction, late, headers = [] } = this.#options;
    const offer = direction === undefined ? this.#call.sdp.current() : this.#call.sdp.with(direction);
    const routes = this.#options.initial === true ? this.#call.line.recordRoutes : [];
    const request = this.#call.compose('INVITE', {
      cseq: this.#cseq,
      headers: [
        ...routes.map((value): HeaderLine => [H.RecordRoute, value]),
        [H.Supported, '100rel, timer'],
        ...headers,
      ],
      ...(late === true ? {} : { body: { type: SDP, text: offer } }),
    });
    if (request === undefined) {
      this.#finish({ status: 400 });
      return;
    }
    this.#transaction = this.#call.line.start(this.#call, request.text, request.to, {
      response: (response) => {
        this.#response(response);
      },
      timeout: () => {
        this.#call.ledger.error('no answer to INVITE');
        this.#finish({ status: 408 });
      },
    });
  }

  #response(response: SipMessage): void {
    if (response.status < 200) this.#provisional(response);
    else if (response.status < 300) this.#accepted(response);
    else this.#finish({ status: response.status, response });
  }

  #provisional(response: SipMessage): void {
    if (this.#cancelled) this.#sendCancel();
    const rseq = Number(response.get(H.RSeq) ?? 0);
    const reliable = response.list(H.Require).some((option) => option.toLowerCase() === '100rel');
    if (!reliable || !(rseq > this.#lastRSeq)) return;
    this.#lastRSeq = rseq;
    this.#acknowledgeProvisional(response, rseq);
  }

  /** RFC 3262 §4: in the dialog of the response, which may be an early one. */
  #acknowledgeProvisional(response: SipMessage, rseq: number): void {
    const rack: HeaderLine = [H.RAck, `${String(rseq)} ${String(this.#cseq)} INVITE`];
    const answer = response.body !== '' && !this.#answered ? this.#answerTo(response.body) : undefined;
    if (answer !== undefined) this.#answered = true;
    void this.#call.request('PRACK', {
      headers: [rack],
      dialog: this.#dialogOf(response),
      ...(answer === undefined ? {} : { body: { type: SDP, text: answer } }),
    });
  }

  #dialogOf(response: SipMessage): PhoneDialog {
    return this.#options.initial === true ? dialogOfResponse(response) : this.#call.dialog;
  }

  #accepted(response: SipMessage): void {
    const known = this.#acks.get(response.toTag);
    if (known !== undefined) {
      this.#call.line.send(this.#call, known.text, known.to);
      return;
    }
    if (this.#acks.size > 0) this.#call.ledger.error(`a second 2xx, To tag ${response.toTag}`);
    if (this.#options.initial === true) this.#call.dialog = dialogOfResponse(response);
    this.#call.refreshTarget(response);
    this.#acknowledge(response);
    this.#finish({ status: response.status, response });
  }

  #acknowledge(response: SipMessage): void {
    const answer = this.#answered ? undefined : this.#answerTo(response.body);
    if (!this.#answered && response.body === '') this.#call.ledger.error('no offer in the 2xx');
    const ack = this.#call.compose('ACK', {
      cseq: this.#cseq,
      ...(answer === undefined ? {} : { body: { type: SDP, text: answer } }),
    });
    if (ack === undefined) return;
    this.#acks.set(response.toTag, ack);
    this.#call.line.send(this.#call, ack.text, ack.to);
  }

  #answerTo(offer: string): string {
    return this.#call.sdp.with(answerDirection(directionOf(offer), this.#call.holding));
  }

  #sendCancel(): void {
    this.#cancelled = false;
    const sent = this.#transaction;
    if (sent === undefined) return;
    const text = cancelOf(sent.request);
    this.#call.line.start(this.#call, text, sent.to, {
      response: () => undefined,
      timeout: () => {
        this.#call.ledger.error('no answer to CANCEL');
      },
    });
  }

  #finish(outcome: Outcome): void {
    this.#pending = false;
    this.#settle(outcome);
  }
}

/** RFC 3261 §9.1: the INVITE's own Via, so that it takes the same way. */
function cancelOf(invite: SipMessage): string {
  return buildRequest({
    method: 'CANCEL',
    uri: invite.requestUri,
    headers: [
      [H.Via, invite.list(H.Via)[0] ?? ''],
      ...invite.all(H.Route).map((value): HeaderLine => [H.Route, value]),
      [H.MaxForwards, '70'],
      [H.From, invite.from],
      [H.To, invite.to],
      [H.CallId, invite.callId],
      [H.CSeq, `${String(invite.cseq)} CANCEL`],
    ],
  });
}
