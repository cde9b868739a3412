import { H, type SipMessage } from '../sip/index.ts';
import { otherLeg, type DialogRecord, type Leg, type LegIndex, type SessionTimer } from './record.ts';

const DELTA_SECONDS = /^\s*(\d+)/;
const REFRESHER = /;\s*refresher\s*=\s*(uac|uas)/i;
/** RFC 4028 §10: an endpoint hangs up this much before the end. */
const MARGIN_SECONDS = 32;

/** Takes the session timer of a 2xx to an INVITE or UPDATE of leg `from`'s endpoint; a 2xx without one ends it (RFC 4028 §7.2). */
export function noteSessionTimer(
  record: DialogRecord,
  from: LegIndex,
  success: SipMessage,
  nowMs: number,
): void {
  const value = success.get(H.SessionExpires);
  record.legs[from].session = timerOf(value, 'endpoint', nowMs);
  record.legs[otherLeg(from)].session = timerOf(value, 'pod', nowMs);
}

/** Takes the session timer of a 2xx to the pod's own request to this leg; without one the old timer starts anew. */
export function noteOwnRefresh(leg: Leg, success: SipMessage, nowMs: number): void {
  const value = success.get(H.SessionExpires);
  if (value !== undefined) leg.session = timerOf(value, 'pod', nowMs);
  else if (leg.session !== undefined) leg.session.refreshedAtMs = nowMs;
}

/** Session-Expires for the pod's own request to this leg, so that the roles stay (RFC 4028 §7.1); undefined without a timer. */
export function sessionExpiresOf(leg: Leg): string | undefined {
  if (leg.session === undefined) return undefined;
  const refresher = leg.session.refresher === 'pod' ? 'uac' : 'uas';
  return `${String(leg.session.intervalSeconds)};refresher=${refresher}`;
}

/** When something is due on the leg: the refresh of the endpoint, or its hanging up for want of one; Infinity without a timer. */
export function sessionDueAtMs(leg: Leg): number {
  if (leg.session === undefined) return Infinity;
  const { intervalSeconds, refresher, refreshedAtMs } = leg.session;
  const margin = Math.min(MARGIN_SECONDS, intervalSeconds / 3);
  const seconds = refresher === 'endpoint' ? intervalSeconds / 2 : intervalSeconds - margin;
  return refreshedAtMs + seconds * 1_000;
}

/** `sender` is the party that sent the request; without a refresher parameter it is the UAC, as the 2xx should have said. */
function timerOf(
  value: string | undefined,
  sender: SessionTimer['refresher'],
  nowMs: number,
): SessionTimer | undefined {
  const seconds = value === undefined ? undefined : DELTA_SECONDS.exec(value)?.[1];
  if (value === undefined || seconds === undefined) return undefined;
  const byAnswerer = REFRESHER.exec(value)?.[1]?.toLowerCase() === 'uas';
  const answerer = sender === 'pod' ? 'endpoint' : 'pod';
  return {
    intervalSeconds: Number(seconds),
    refresher: byAnswerer ? answerer : sender,
    refreshedAtMs: nowMs,
  };
}
