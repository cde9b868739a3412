import { buildRequest, buildResponse, H, type HeaderLine, type SipMessage } from '../sip/index.ts';
import { PHONE_ALLOW } from './phone-answer.ts';
import { contactHostPort, hostPort, type SocketAddress } from './phone-address.ts';
import { requestPath, type PhoneDialog } from './phone-dialog.ts';
import { PhoneInvite, type InviteOptions } from './phone-invite.ts';
import { PhoneCallee } from './phone-callee.ts';
import { PhoneSdp, type MediaDirection } from './phone-sdp.ts';
import type { AnswerRule, CallState, LineCall, Outcome, PhoneLine, RequestOptions } from './phone-line.ts';
import type { PhoneServerTransaction } from './phone-server-transaction.ts';
import type { CallLedger } from './call-ledger.ts';

/** What does not change in the life of a call. */
export interface CallIdentity {
  /** What the call is known by on both sides: the user part of the number that was called. */
  name: string;
  side: 'caller' | 'callee';
  callId: string;
  localTag: string;
  /** From and To as this phone writes them, without tags. */
  local: string;
  remote: string;
}

const SDP = 'application/sdp';
const RESPONSE_WITH_CONTACT = new Set(['INVITE', 'UPDATE', 'REFER', 'NOTIFY']);
const MAX_GLARES = 5;

/** One call of one phone. */
export class PhoneCall implements LineCall {
  readonly identity: CallIdentity;
  readonly ledger: CallLedger;
  readonly sdp: PhoneSdp;
  state: CallState = 'calling';
  dialog: PhoneDialog;
  remoteCSeq = 0;
  /** Whether this phone has put the call on hold. */
  holding = false;
  /** How to answer the requests of this call, before the phone's own rule. */
  rule: AnswerRule | undefined;
  /** The final status of the INVITE that set the call up. */
  readonly established: Promise<number>;
  readonly line: PhoneLine;
  readonly callee: PhoneCallee;
  #settle: (status: number) => void = () => undefined;
  #localCSeq = 0;
  #invite: PhoneInvite | undefined;
  #offeringUpdate = false;

  constructor(line: PhoneLine, identity: CallIdentity, dialog: PhoneDialog, ledger: CallLedger) {
    this.line = line;
    this.identity = identity;
    this.dialog = dialog;
    this.ledger = ledger;
    this.callee = new PhoneCallee(this);
    this.sdp = new PhoneSdp(line.local.address, sessionNumber(identity.callId));
    this.established = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get name(): string {
    return this.identity.name;
  }

  /** Whether an offer of this phone waits for its answer (RFC 3261 §14.2, RFC 3311 §5.2). */
  get offering(): boolean {
    return this.#offeringUpdate || this.#invite?.pending === true;
  }

  /** Notes how the set-up ended. */
  settle(status: number): void {
    if (this.state === 'calling') this.state = status < 300 ? 'answered' : 'failed';
    this.#settle(status);
  }

  /** Sends the INVITE that sets the call up. */
  place(options: InviteOptions): void {
    this.#invite = new PhoneInvite(this, { ...options, initial: true });
    void this.#invite.outcome.then((outcome) => {
      this.settle(outcome.status);
    });
  }

  /** Calls off the INVITE that is pending; false if there is none that may be cancelled. */
  cancel(): boolean {
    return this.#invite?.cancel() ?? false;
  }

  /** Sends a re-INVITE; a 491 is tried again after the back-off of RFC 3261 §14.1. */
  async reinvite(options: InviteOptions = {}): Promise<Outcome> {
    let outcome = await this.#reinviteOnce(options);
    for (let glares = 1; outcome.status === 491 && glares < MAX_GLARES; glares += 1) {
      await this.#pause(this.#glareBackOffMs());
      if (this.state !== 'answered') break;
      outcome = await this.#reinviteOnce(options);
    }
    return outcome;
  }

  async hold(): Promise<Outcome> {
    this.holding = true;
    return this.reinvite({ direction: 'sendonly' });
  }

  async resume(): Promise<Outcome> {
    this.holding = false;
    return this.reinvite({ direction: 'sendrecv' });
  }

  /** Sends an UPDATE, with an offer if a direction is given. */
  async update(direction?: MediaDirection): Promise<Outcome> {
    if (direction === undefined) return this.request('UPDATE');
    this.#offeringUpdate = true;
    const outcome = await this.request('UPDATE', { body: { type: SDP, text: this.sdp.with(direction) } });
    this.#offeringUpdate = false;
    return outcome;
  }

  /** Ends the call. */
  async bye(headers: readonly HeaderLine[] = []): Promise<Outcome> {
    this.state = 'ended';
    return this.request('BYE', { headers });
  }

  /** Sends a request other than INVITE in the call's dialog. */
  request(method: string, options: RequestOptions = {}): Promise<Outcome> {
    const request = this.compose(method, options);
    if (request === undefined) return Promise.resolve({ status: 400 });
    return new Promise((resolve) => {
      this.line.start(this, request.text, request.to, {
        response: (response, repeat) => {
          if (repeat || response.status < 200) return;
          if (method === 'UPDATE' && response.status < 300) this.refreshTarget(response);
          if (response.status === 481) this.ledger.error(`481 to ${method}`);
          resolve({ status: response.status, response });
        },
        timeout: () => {
          this.ledger.error(`no answer to ${method} at ${hostPort(request.to)}`);
          resolve({ status: 408 });
        },
      });
    });
  }

  /** Takes a request of the far end, ACK and CANCEL apart. */
  receive(transaction: PhoneServerTransaction): void {
    this.callee.receive(transaction);
  }

  /** host:port of the far end's Contact: the last one that this phone took. */
  get farContact(): string {
    return contactHostPort(this.dialog.remoteTarget);
  }

  /** Takes the far end's Contact of an INVITE, an UPDATE or a 2xx to one (RFC 3261 §12.2). */
  refreshTarget(message: SipMessage): void {
    const contact = message.get(H.Contact);
    if (contact === undefined) return;
    this.dialog.remoteTarget = /<([^>]*)>/.exec(contact)?.[1] ?? contact;
  }

  nextCSeq(): number {
    this.#localCSeq += 1;
    return this.#localCSeq;
  }

  /** The text of a request in the dialog and where to send it; undefined where the dialog leads nowhere. */
  compose(method: string, options: RequestOptions): { text: string; to: SocketAddress } | undefined {
    const dialog = options.dialog ?? this.dialog;
    const path = requestPath({ ...dialog, routeSet: this.#beyondOwnProxy(dialog.routeSet) });
    if (path === undefined) {
      this.ledger.error(`no address in ${dialog.remoteTarget}`);
      return undefined;
    }
    const { local, localTag, remote, callId } = this.identity;
    const cseq = options.cseq ?? this.nextCSeq();
    const toTag = dialog.remoteTag === '' ? '' : `;tag=${dialog.remoteTag}`;
    const headers: HeaderLine[] = [
      [
        H.Via,
        `SIP/2.0/${this.line.transport} ${hostPort(this.line.local)};branch=z9hG4bK${this.line.word()};rport`,
      ],
      ...path.routes.map((route): HeaderLine => [H.Route, route]),
      [H.MaxForwards, '70'],
      [H.From, `${local};tag=${localTag}`],
      [H.To, remote + toTag],
      [H.CallId, callId],
      [H.CSeq, `${String(cseq)} ${method}`],
      ...(method === 'ACK' || method === 'CANCEL' ? [] : [this.contact(), [H.Allow, PHONE_ALLOW] as const]),
      ...(options.headers ?? []),
    ];
    const text = buildRequest({ method, uri: path.uri, headers, ...bodyOf(options) });
    return { text, to: path.to };
  }

  /** The text of a response to a request of this call. */
  composeResponse(request: SipMessage, status: number, options: RequestOptions = {}): string {
    const dialogForming = RESPONSE_WITH_CONTACT.has(request.method) && status > 100 && status < 300;
    const headers: HeaderLine[] = [
      ...(dialogForming ? this.#recordRoutes(request) : []),
      ...(dialogForming ? [this.contact(), [H.Allow, PHONE_ALLOW] as const] : []),
      ...(options.headers ?? []),
    ];
    return buildResponse(request, status, {
      toTag: this.identity.localTag,
      headers,
      ...bodyOf(options),
    });
  }

  contact(): HeaderLine {
    const parameter = this.line.transport === 'TCP' ? ';transport=tcp' : '';
    return [H.Contact, `<sip:${this.name}@${hostPort(this.line.local)}${parameter}>`];
  }

  /** RFC 3261 §12.1.1 and §16.6: the callee's proxy first, then what the request brought. */
  #recordRoutes(request: SipMessage): HeaderLine[] {
    if (request.method !== 'INVITE' || this.identity.side !== 'callee') return [];
    return [...this.line.recordRoutes, ...request.list(H.RecordRoute)].map((value) => [H.RecordRoute, value]);
  }

  /** The proxy next to this phone has its address, and takes its own entry off the Route (RFC 3261 §16.4). */
  #beyondOwnProxy(routeSet: readonly string[]): string[] {
    const own = hostPort(this.line.local);
    return routeSet.filter((route) => contactHostPort(route) !== own);
  }

  async #reinviteOnce(options: InviteOptions): Promise<Outcome> {
    if (this.offering) return { status: 491 };
    this.#invite = new PhoneInvite(this, options);
    return this.#invite.outcome;
  }

  #glareBackOffMs(): number {
    const tens = this.identity.side === 'caller' ? 210 + Math.random() * 190 : Math.random() * 200;
    return 10 * Math.round(tens);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.line.timers.after(ms, resolve);
    });
  }
}

function bodyOf(options: RequestOptions): Pick<RequestOptions, 'body'> {
  return options.body === undefined ? {} : { body: options.body };
}

/** A number that is the same for the same Call-ID, for the o= line. */
function sessionNumber(callId: string): number {
  let sum = 7;
  for (let at = 0; at < callId.length; at += 1) sum = (sum * 31 + callId.charCodeAt(at)) % 1_000_000_007;
  return sum;
}
