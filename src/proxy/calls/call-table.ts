import type { SipMessage } from '../../sip/index.ts';
import type { Call } from './call.ts';

/** The dialogs that live in this pod, by token and by Call-ID. */
export class CallTable {
  private readonly byId = new Map<string, Call>();
  private readonly byCallId = new Map<string, Call | Call[]>();

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Call | undefined {
    return this.byId.get(id);
  }

  values(): IterableIterator<Call> {
    return this.byId.values();
  }

  add(call: Call): void {
    const { id, legs } = call.record;
    this.byId.set(id, call);
    this.index(legs[0].callId, call);
    if (legs[1].callId !== legs[0].callId) this.index(legs[1].callId, call);
  }

  /** False when the call was not in the table. */
  remove(call: Call): boolean {
    const { id, legs } = call.record;
    if (this.byId.get(id) !== call) return false;
    this.byId.delete(id);
    this.unindex(legs[0].callId, call);
    if (legs[1].callId !== legs[0].callId) this.unindex(legs[1].callId, call);
    return true;
  }

  /** The dialog that an in-dialog request without a token belongs to: Call-ID and both tags (RFC 3261 §12.2.2). */
  findByTags(request: SipMessage): Call | undefined {
    const found = this.byCallId.get(request.callId);
    if (!found) return undefined;
    return asList(found).find((call) => hasTags(call, request));
  }

  private index(callId: string, call: Call): void {
    const known = this.byCallId.get(callId);
    this.byCallId.set(callId, known ? [...asList(known), call] : call);
  }

  private unindex(callId: string, call: Call): void {
    const rest = asList(this.byCallId.get(callId) ?? []).filter((other) => other !== call);
    const [only] = rest;
    if (!only) this.byCallId.delete(callId);
    else this.byCallId.set(callId, rest.length === 1 ? only : rest);
  }
}

function asList(calls: Call | Call[]): Call[] {
  return Array.isArray(calls) ? calls : [calls];
}

function hasTags(call: Call, request: SipMessage): boolean {
  return call.record.legs.some(
    (leg) =>
      leg.callId === request.callId && leg.remoteTag === request.fromTag && leg.localTag === request.toTag,
  );
}
