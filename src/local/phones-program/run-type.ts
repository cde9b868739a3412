import type { PhoneTransport } from '../phone-socket.ts';

/** A group of calls that is asked for: the body of `POST /runs`. */
export interface RunRequest {
  /** First part of the called names; no other run has it. */
  name: string;
  /** host:port of entrances, names too; calls go to them, and to all addresses of a name, in turn. */
  through: readonly string[];
  /** How many calls; 0 for as many as are placed until the run is stopped. */
  count: number;
  perSecond: number;
  /** How long a call lasts before its caller hangs up, ms; 0 for until the run is hung up. */
  holdMs: number;
  /** Time between two requests of one end of a call, ms. */
  talkEveryMs: number;
  transport: PhoneTransport;
  /** Sockets of the callers: a Service chooses a pod for each of them, not for each call. */
  sockets: number;
}

/** A request of an end that got no 2xx. */
export interface LostRequest {
  method: string;
  cseq: number;
  /** Final status; 408 if none came within 64*T1; 0 while none has come. */
  status: number;
  /** When it was sent; wall clock, ms. */
  atMs: number;
  /** host:port that it was sent to. */
  to: string;
}

/** A message that an end got at a time; wall clock, ms. */
export interface Mark {
  atMs: number;
  /** host:port of its Contact; '' if it has none. */
  contact: string;
}

/** What one end of a call saw. */
export interface EndLedger {
  /** Requests of the talk that were sent, and those of them that got a 2xx. */
  sent: number;
  answered: number;
  lost: LostRequest[];
  /** Requests of the talk that were answered only after they had been repeated twice or more. */
  late: number;
  /** More requests of the far end than it sent, by so many. */
  duplicates: number;
  /** 481 to a request of this end, or its 481 to one of the far end. */
  unknown: number;
  /** Re-INVITEs that came in. */
  reinvites: Mark[];
  /** host:port that its next request goes to: the far end's Contact. */
  contact: string;
  /** host:port of all Contacts that it was shown, in order, each once. */
  contacts: string[];
  byesReceived: Mark[];
  /** What should not have happened, in words; lost requests and late ones among them. */
  faults: string[];
}

/** What is known of one call. */
export interface CallSummary {
  call: string;
  /** host:port that its INVITE was sent to. */
  through: string;
  placedAtMs: number;
  /** When it was answered; 0 if it was not. */
  answeredAtMs: number;
  state: 'calling' | 'up' | 'ended' | 'failed';
  /** Why it is `failed`: the status of its INVITE and words for it. */
  failure?: { status: number; atMs: number; reason: string };
  /** Absent until it is answered. */
  ends?: Record<'caller' | 'callee', EndLedger>;
  /** What went wrong when it was hung up, in words. */
  hangUpFaults: string[];
}

/** All that happened in a run: `GET /runs/NAME`. */
export interface RunLedger {
  run: string;
  startedAtMs: number;
  /** The time of the ledger; all times are of the wall clock of the phones. */
  nowMs: number;
  /** Whether calls are still to be placed. */
  placing: boolean;
  placed: number;
  answered: number;
  up: number;
  ended: number;
  failed: number;
  calls: CallSummary[];
  /** First lines of messages that belonged to no call of the run's callers. */
  strays: string[];
}

/** Where a run's calls are: `GET /runs/NAME/contacts`, which costs little however long they have talked. */
export interface RunContacts {
  run: string;
  nowMs: number;
  up: number;
  /** host:port to how many ends of calls that are up send their next request there. */
  contacts: Record<string, number>;
}
