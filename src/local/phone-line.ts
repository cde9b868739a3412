import type { Body, HeaderLine, SipMessage } from '../sip/index.ts';
import type { CallLedger } from './call-ledger.ts';
import type { SocketAddress } from './phone-address.ts';
import type { PhoneClientTransaction, PhoneClientUse, PhoneTiming } from './phone-client-transaction.ts';
import type { PhoneDialog } from './phone-dialog.ts';
import type { PhoneSdp } from './phone-sdp.ts';
import type { PhoneTransport } from './phone-socket.ts';
import type { TimerSet } from './timer-set.ts';

/** Where a call stands, as its phone sees it. */
export type CallState = 'calling' | 'answered' | 'ended' | 'failed';

/** How a request ended: the final status, 408 where none came, and the response. */
export interface Outcome {
  status: number;
  response?: SipMessage;
}

/** What a call needs of the phone that it belongs to. */
export interface PhoneLine {
  readonly local: SocketAddress;
  readonly transport: PhoneTransport;
  readonly timing: PhoneTiming;
  readonly timers: TimerSet;
  /** Record-Route values that a proxy next to this phone would add. */
  readonly recordRoutes: readonly string[];
  readonly rule: AnswerRule | undefined;
  /** A fresh random word. */
  word(): string;
  start(call: LineCall, text: string, to: SocketAddress, user: ClientUser): PhoneClientTransaction;
  send(call: LineCall, text: string, to: SocketAddress): void;
}

/** Who waits for the responses to a request. */
export type ClientUser = Pick<PhoneClientUse, 'response' | 'timeout'>;

/** What to put into a request beside what its dialog gives. */
export interface RequestOptions {
  headers?: readonly HeaderLine[];
  body?: Body;
  /** CSeq number: the next one if not given. */
  cseq?: number;
  /** The dialog, where it is not the call's (an early one). */
  dialog?: PhoneDialog;
}

/** A response before the final one. */
export interface ProvisionalAnswer {
  status: number;
  /** Sent with Require: 100rel and repeated until its PRACK (RFC 3262). */
  reliable?: boolean;
  /** Whether it carries the session description. */
  sdp?: boolean;
}

/** How a phone answers one request. */
export interface PhoneAnswer {
  status: number;
  headers?: readonly HeaderLine[];
  /** The description that a 2xx carries, where it differs from the phone's own. */
  sdp?: string;
  /** How long to wait before the final response, in ms; none by default. */
  delayMs?: number;
  provisional?: readonly ProvisionalAnswer[];
}

/** Decides how to answer a request; undefined leaves it to the phone, `silence` answers never. */
export type AnswerRule = (request: SipMessage, call: LineCall) => PhoneAnswer | 'silence' | undefined;

/** A call as its INVITEs, its answers and its line use it. */
export interface LineCall {
  readonly name: string;
  readonly ledger: CallLedger;
  readonly sdp: PhoneSdp;
  readonly line: PhoneLine;
  readonly holding: boolean;
  /** Whether an offer of this phone waits for its answer. */
  readonly offering: boolean;
  readonly rule: AnswerRule | undefined;
  state: CallState;
  dialog: PhoneDialog;
  remoteCSeq: number;
  settle(status: number): void;
  bye(headers?: readonly HeaderLine[]): Promise<Outcome>;
  request(method: string, options?: RequestOptions): Promise<Outcome>;
  refreshTarget(message: SipMessage): void;
  nextCSeq(): number;
  compose(method: string, options: RequestOptions): { text: string; to: SocketAddress } | undefined;
  composeResponse(request: SipMessage, status: number, options?: RequestOptions): string;
}
