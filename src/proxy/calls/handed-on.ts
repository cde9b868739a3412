import { clientKey, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** A request that another pod was given and has not answered yet. */
export interface HandedRequest {
  pod: string;
  message: SipMessage;
  flow: Flow;
  untilMs: number;
}

/** How long an answer is waited for, in ms: by then the sender has given up (RFC 3261 §17.1.2.2, timer F). */
const WAIT_MS = 32_000;

/**
 * Requests that other pods were given. A repeat goes to the same pod; if that dies, the request is taken up again,
 * since over a stream nobody repeats it.
 */
export class HandedOn {
  private readonly byKey = new Map<string, HandedRequest>();
  private readonly limit: number;

  /** Of more than `limit` requests the oldest are forgotten. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Whether an answer to any of them may still come. */
  isAwaited(nowMs: number): boolean {
    this.dropOld(nowMs);
    return this.byKey.size > 0;
  }

  /** A request goes to a pod. Nobody answers an ACK, so none is noted. */
  note(pod: string, message: SipMessage, flow: Flow, nowMs: number): void {
    const key = message.method === 'ACK' ? undefined : clientKey(message);
    if (key === undefined) return;
    this.byKey.delete(key);
    this.byKey.set(key, { pod, message, flow, untilMs: nowMs + WAIT_MS });
    this.dropOld(nowMs);
  }

  /** The pod that was given this request before. */
  podOf(request: SipMessage): string | undefined {
    const key = clientKey(request);
    return key === undefined ? undefined : this.byKey.get(key)?.pod;
  }

  /** A final response of the other pod's leaves: nothing more is expected. */
  answered(response: SipMessage): void {
    const key = response.status < 200 ? undefined : clientKey(response);
    if (key !== undefined) this.byKey.delete(key);
  }

  /** Takes out what a pod was given, since it died. */
  take(pod: string, nowMs: number): HandedRequest[] {
    this.dropOld(nowMs);
    const taken = [...this.byKey].filter(([, request]) => request.pod === pod);
    for (const [key] of taken) this.byKey.delete(key);
    return taken.map(([, request]) => request);
  }

  /** The oldest stand first. */
  private dropOld(nowMs: number): void {
    for (const [key, { untilMs }] of this.byKey) {
      if (untilMs > nowMs && this.byKey.size <= this.limit) return;
      this.byKey.delete(key);
    }
  }
}
