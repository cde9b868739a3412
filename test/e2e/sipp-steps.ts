/** A pattern that a received message must (or must not) match, in the named header or in all of it. */
export interface Check {
  header?: string;
  pattern: string;
  absent?: boolean;
}

/** What to send or to wait for, in order. */
export type Step =
  | { kind: 'request'; method: string; options: SendOptions }
  | { kind: 'response'; status: number; options: SendOptions }
  | { kind: 'expectRequest'; method: string; options: ExpectOptions }
  | { kind: 'expectResponse'; status: number; options: ExpectOptions }
  | { kind: 'pause'; ms: number };

/** What a message carries beside what its dialog gives. */
export interface SendOptions {
  /** Direction of the description that it carries; none if absent. */
  sdp?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  headers?: string[];
  body?: { type: string; text: string };
  /** For a response: the method of the request that it answers; that of the last one received, if absent. */
  to?: string;
  /** For a response: the suffix of the To tag, where a forking callee shows several. */
  tag?: string;
  /** Sent once: no retransmission. */
  once?: boolean;
  /** For a 2xx: sent again after this many ms until something comes in. */
  repeatAfterMs?: number;
  /** For a request: another URI than the dialog's. */
  uri?: string;
}

/** How a message is waited for. */
export interface ExpectOptions {
  optional?: boolean;
  checks?: Check[];
  timeoutMs?: number;
}

export function request(method: string, options: SendOptions = {}): Step {
  return { kind: 'request', method, options };
}

export function response(status: number, options: SendOptions = {}): Step {
  return { kind: 'response', status, options };
}

export function expectRequest(method: string, options: ExpectOptions = {}): Step {
  return { kind: 'expectRequest', method, options };
}

export function expectResponse(status: number, options: ExpectOptions = {}): Step {
  return { kind: 'expectResponse', status, options };
}

export function pauseFor(ms: number): Step {
  return { kind: 'pause', ms };
}

/** 100, which a caller may or may not see. */
export function trying(): Step {
  return expectResponse(100, { optional: true });
}
