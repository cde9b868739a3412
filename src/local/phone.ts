import { randomBytes } from 'node:crypto';
import { buildResponse, H, parseMessage, SipMessage } from '../sip/index.ts';
import { CallLedger, type LedgerEntry } from './call-ledger.ts';
import { PHONE_ALLOW } from './phone-answer.ts';
import { contactHostPort, hostPort, uriOf, type SocketAddress } from './phone-address.ts';
import { PhoneCall, type CallIdentity } from './phone-call.ts';
import type { AnswerRule, ClientUser, PhoneLine } from './phone-line.ts';
import { PhoneClientTransaction, type PhoneTiming } from './phone-client-transaction.ts';
import { dialogOfRequest } from './phone-dialog.ts';
import type { InviteOptions } from './phone-invite.ts';
import { PhoneServerTransaction } from './phone-server-transaction.ts';
import { openTcp, openUdp, type PhoneSocket, type PhoneTransport } from './phone-socket.ts';
import { TimerSet } from './timer-set.ts';
import { wallClockMs } from './wall-clock.ts';

/** How a group of phones on one socket behaves. */
export interface PhoneOptions {
  address: string;
  /** Any free port, if not given. */
  port?: number;
  /** UDP, if not given. */
  transport?: PhoneTransport;
  timing?: PhoneTiming;
  /** How requests are answered, where it is not the usual way. */
  rule?: AnswerRule;
  /** Record-Route values of a proxy that stands next to these phones. */
  recordRoutes?: readonly string[];
  /** Whether ledgers keep the text of each message. */
  keepMessages?: boolean;
}

/** How a call is placed. */
export interface PlaceOptions extends InviteOptions {
  /** Request-URI, where it is not the called name at the pod. */
  uri?: string;
}

/** Whether a message is lost on its way; repeats are asked about again. */
export type LossRule = (message: SipMessage, way: LedgerEntry['way']) => boolean;

const RFC_TIMING: PhoneTiming = { t1Ms: 500, t2Ms: 4000 };
const MAX_STRAYS_KEPT = 100;

/** Many phones on one UDP socket: each call is a phone of its own, told apart by Call-ID and tag. */
export class Phone implements PhoneLine {
  readonly local: SocketAddress;
  readonly transport: PhoneTransport;
  readonly timing: PhoneTiming;
  readonly timers: TimerSet = new TimerSet();
  readonly recordRoutes: readonly string[];
  rule: AnswerRule | undefined;
  /** Messages that get lost, for tests; none if undefined. */
  loss: LossRule | undefined;
  /** First lines of messages that belong to nothing here. */
  readonly strays: string[] = [];
  readonly #socket: PhoneSocket;
  readonly #keepMessages: boolean;
  readonly #calls = new Map<string, PhoneCall>();
  readonly #named = new Map<string, PhoneCall>();
  readonly #clients = new Map<string, { transaction: PhoneClientTransaction; call: PhoneCall }>();
  readonly #servers = new Map<string, { transaction: PhoneServerTransaction; call: PhoneCall | undefined }>();

  private constructor(socket: PhoneSocket, options: PhoneOptions) {
    this.#socket = socket;
    this.local = socket.local;
    this.transport = socket.transport;
    this.timing = options.timing ?? RFC_TIMING;
    this.rule = options.rule;
    this.recordRoutes = options.recordRoutes ?? [];
    this.#keepMessages = options.keepMessages ?? false;
  }

  /** Opens the socket. */
  static async open(options: PhoneOptions): Promise<Phone> {
    const open = options.transport === 'TCP' ? openTcp : openUdp;
    const at = { address: options.address, port: options.port ?? 0 };
    const socket = await open(at, {
      receive: (text, from) => {
        phone.receive(text, from);
      },
      failed: (reason) => {
        phone.stray(reason);
      },
    });
    const phone = new Phone(socket, options);
    return phone;
  }

  /** All calls, ended ones too, in the order in which they came up. */
  get calls(): PhoneCall[] {
    return [...this.#calls.values()];
  }

  /** The newest call of that name. */
  named(name: string): PhoneCall | undefined {
    return this.#named.get(name);
  }

  /** Takes a call that is over out of the list; what still comes for it belongs to nothing here. */
  forget(call: PhoneCall): void {
    const key = callKey(call.identity.callId, call.identity.localTag);
    if (this.#calls.get(key) !== call) return;
    this.#calls.delete(key);
    if (this.#named.get(call.name) === call) this.#named.delete(call.name);
  }

  /** Calls `name` through the pod at this address. */
  place(pod: SocketAddress, name: string, options: PlaceOptions = {}): PhoneCall {
    const uri = options.uri ?? `sip:${name}@${hostPort(pod)}`;
    const identity: CallIdentity = {
      name,
      side: 'caller',
      callId: `${this.word()}@${this.local.address}`,
      localTag: this.word(),
      local: `<sip:caller-of-${name}@${hostPort(this.local)}>`,
      remote: `<sip:${name}@${hostPort(pod)}>`,
    };
    const call = this.#add(identity, { remoteTag: '', remoteTarget: uri, routeSet: [] });
    call.place(options);
    return call;
  }

  /** Sends `method` once per `everyMs` in every answered call, spread over that time; the returned function stops it. */
  keepSending(method: string, everyMs: number): () => void {
    let stopped = false;
    const round = (): void => {
      if (stopped) return;
      const talking = this.calls.filter((call) => call.state === 'answered');
      talking.forEach((call, index) => {
        this.timers.after((index / talking.length) * everyMs, () => {
          if (!stopped && call.state === 'answered') void call.request(method);
        });
      });
      this.timers.after(everyMs, round);
    };
    round();
    return () => {
      stopped = true;
    };
  }

  /** Closes the socket and calls all timers off. */
  async close(): Promise<void> {
    this.timers.clear();
    await this.#socket.close();
  }

  word(): string {
    return randomBytes(8).toString('hex');
  }

  start(call: PhoneCall, text: string, to: SocketAddress, user: ClientUser): PhoneClientTransaction {
    const request = parseMessage(text);
    if (!(request instanceof SipMessage)) throw new Error(`a phone wrote no SIP: ${text}`);
    const key = `${request.branch ?? ''} ${request.method}`;
    const transaction = new PhoneClientTransaction({
      request,
      to,
      timing: this.timing,
      timers: this.timers,
      repeats: this.transport === 'UDP',
      ...user,
      send: (message, repeat) => {
        this.#send(call, message, { to, repeat });
      },
      finished: () => {
        this.#clients.delete(key);
      },
    });
    this.#clients.set(key, { transaction, call });
    return transaction;
  }

  send(call: PhoneCall, text: string, to: SocketAddress): void {
    this.#send(call, text, { to, repeat: false });
  }

  #send(call: PhoneCall | undefined, text: string, route: { to: SocketAddress; repeat: boolean }): void {
    const message = parseMessage(text);
    if (!(message instanceof SipMessage)) throw new Error(`a phone wrote no SIP: ${text}`);
    call?.ledger.note(this.#entry(message, 'sent', route.repeat));
    if (this.loss?.(message, 'sent') === true) return;
    this.#socket.send(text, route.to);
  }

  /** Takes what came in on the socket. */
  receive(text: string, from: SocketAddress): void {
    const message = parseMessage(withSource(text, from));
    if (!(message instanceof SipMessage)) this.stray(text);
    else if (this.loss?.(message, 'received') === true) return;
    else if (message.isRequest) this.#request(message, from);
    else this.#response(message);
  }

  #response(message: SipMessage): void {
    const known = this.#clients.get(`${message.branch ?? ''} ${message.cseqMethod}`);
    if (known === undefined) {
      this.stray(message.text);
      return;
    }
    known.call.ledger.note(this.#entry(message, 'received', known.transaction.completed));
    known.transaction.receive(message);
  }

  #request(message: SipMessage, from: SocketAddress): void {
    const known = this.#servers.get(serverKey(message));
    const call = known?.call ?? this.#calls.get(callKey(message.callId, message.toTag));
    const copy = known?.transaction.request.method === message.method;
    call?.ledger.note(this.#entry(message, 'received', copy));
    if (message.method === 'ACK') {
      known?.transaction.acknowledge();
      call?.callee.acknowledge(message);
    } else if (copy) {
      known.transaction.again();
    } else {
      this.#newRequest(message, from, call);
    }
  }

  #newRequest(message: SipMessage, from: SocketAddress, known: PhoneCall | undefined): void {
    const call =
      known ?? (message.method === 'INVITE' && !message.toTag ? this.#incoming(message) : undefined);
    const transaction = this.#serve(message, from, call);
    if (message.method === 'CANCEL') this.#cancel(transaction);
    else if (call !== undefined) call.receive(transaction);
    else this.#answerAlone(transaction);
  }

  #incoming(invite: SipMessage): PhoneCall {
    const identity: CallIdentity = {
      name: /sips?:([^@;>]*)@/i.exec(uriOf(invite.to))?.[1] ?? '',
      side: 'callee',
      callId: invite.callId,
      localTag: this.word(),
      local: invite.to,
      remote: invite.from.replace(/;tag=[^;]*/i, ''),
    };
    const call = this.#add(identity, dialogOfRequest(invite));
    call.ledger.note(this.#entry(invite, 'received', false));
    return call;
  }

  #add(identity: CallIdentity, dialog: PhoneCall['dialog']): PhoneCall {
    const call = new PhoneCall(this, identity, dialog, new CallLedger());
    this.#calls.set(callKey(identity.callId, identity.localTag), call);
    this.#named.set(identity.name, call);
    return call;
  }

  #serve(request: SipMessage, from: SocketAddress, call: PhoneCall | undefined): PhoneServerTransaction {
    const key = serverKey(request);
    const to = responseAddress(request, from);
    const transaction = new PhoneServerTransaction({
      request,
      from: to,
      timing: this.timing,
      timers: this.timers,
      repeats: this.transport === 'UDP',
      send: (text, repeat) => {
        this.#send(call, text, { to, repeat });
      },
      finished: () => {
        this.#servers.delete(key);
      },
    });
    this.#servers.set(key, { transaction, call });
    return transaction;
  }

  #cancel(cancel: PhoneServerTransaction): void {
    const invite = this.#servers.get(serverKey(cancel.request, 'INVITE'));
    const tag = invite?.call?.identity.localTag ?? this.word();
    cancel.respond(invite ? 200 : 481, buildResponse(cancel.request, invite ? 200 : 481, { toTag: tag }));
    if (invite !== undefined) invite.call?.callee.cancelled(invite.transaction);
  }

  /** A request outside of any call: the phone is alive, or knows nothing of that dialog. */
  #answerAlone(transaction: PhoneServerTransaction): void {
    const { request } = transaction;
    const alone = request.method === 'OPTIONS' && request.toTag === '';
    if (!alone) this.stray(request.text);
    const status = alone ? 200 : 481;
    const headers = [[H.Allow, PHONE_ALLOW] as const];
    transaction.respond(status, buildResponse(request, status, { toTag: this.word(), headers }));
  }

  #entry(message: SipMessage, way: LedgerEntry['way'], repeat: boolean): LedgerEntry {
    return {
      atMs: wallClockMs(),
      way,
      method: message.isRequest ? message.method : message.cseqMethod,
      status: message.isRequest ? 0 : message.status,
      cseq: message.cseq,
      contact: contactHostPort(message.get(H.Contact)),
      repeat,
      text: this.#keepMessages ? message.text : '',
    };
  }

  /** Notes what belongs to nothing here. */
  stray(text: string): void {
    if (this.strays.length < MAX_STRAYS_KEPT) this.strays.push(text.split('\r\n', 1)[0] ?? '');
  }
}

function callKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}

/** RFC 3261 §17.2.3; an ACK belongs to its INVITE. */
function serverKey(request: SipMessage, method: string = request.method): string {
  const via = request.via;
  const sentBy = via === undefined ? '' : `${via.host}:${String(via.port ?? 5060)}`;
  return `${request.branch ?? ''} ${sentBy} ${method === 'ACK' ? 'INVITE' : method}`;
}

/** RFC 3581 §4: fills in where a request came from, when its sender asks for it. */
function withSource(text: string, from: SocketAddress): string {
  const viaEnd = text.indexOf('\r\n', text.indexOf('\r\n') + 2);
  const asked = text.slice(0, viaEnd).search(/;rport(?=[;,\s])/i);
  if (text.startsWith('SIP/2.0') || asked < 0) return text;
  const end = asked + ';rport'.length;
  return `${text.slice(0, end)}=${String(from.port)};received=${from.address}${text.slice(end)}`;
}

/** RFC 3261 §18.2.2, RFC 3581 §4. */
function responseAddress(request: SipMessage, from: SocketAddress): SocketAddress {
  const asked = /;rport/i.test(request.list(H.Via)[0] ?? '');
  return { address: from.address, port: asked ? from.port : (request.via?.port ?? 5060) };
}
