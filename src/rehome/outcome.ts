import { endCall } from '../dialog/apply.ts';
import { allows } from '../dialog/peer-capabilities.ts';
import { H, type HeaderLine, type SipMessage } from '../sip/index.ts';
import { endBothLegs, sendAttempt } from './attempt.ts';
import { glareWaitMs, refusedWaitMs, unreachedWaitMs } from './back-off.ts';
import type { RehomeEffect } from './effect.ts';
import type { LegWork, RehomeJob } from './job.ts';

/** Retries after a 491 before it counts as a refusal. */
const GLARES = 5;
/** How often a request is repeated with credentials: for a proxy, for the endpoint, and for a nonce that was too old. */
const CHALLENGES = 3;
/** Silences that end a call, and the least time that they take, while the listener reaches other peers. */
const SILENCES = 3;
const SILENT_MS = 60_000;
/** The longest Retry-After that is obeyed to the second. */
const LONGEST_WAIT_MS = 60_000;

/** When something happens: the time and the source of chance. */
export interface Moment {
  nowMs: number;
  random: () => number;
}

/** A final response other than 2xx to a leg's request: how the leg goes on. */
export function failAttempt(
  job: RehomeJob,
  work: LegWork,
  response: SipMessage,
  context: Moment & { othersReached: boolean; credentials: HeaderLine | undefined },
): RehomeEffect[] {
  const { status } = response;
  const repeat = answerChallenge(job, work, context);
  if (repeat !== undefined) return [repeat];
  if (status === 481) return loseDialog(job, work, { status, reason: 'Re-home refused' }, context);
  if (status === 408) return silence(job, work, context);
  work.silences = 0;
  work.firstSentMs = 0;
  if (work.proved && !work.reoffer) return settleProved(work);
  const waitMs = status === 491 ? glareWait(job, work, context) : requestedWait(job, work, response);
  if (waitMs !== undefined) return waitFor(work, context.nowMs + waitMs);
  return refuse(job, work, status, context);
}

/** The same request once more, with credentials and the next CSeq (RFC 3261 §22.2); undefined if it is refused for good. */
function answerChallenge(
  job: RehomeJob,
  work: LegWork,
  { credentials, nowMs, random }: Moment & { credentials: HeaderLine | undefined },
): RehomeEffect | undefined {
  if (credentials === undefined || work.challenges >= CHALLENGES) return undefined;
  work.challenges++;
  work.credentials = [...work.credentials.filter(([id]) => id !== credentials[0]), credentials];
  return sendAttempt(job, work, nowMs, random);
}

/** A request without any answer, or one that could not be sent. */
export function silence(
  job: RehomeJob,
  work: LegWork,
  context: Moment & { othersReached: boolean },
): RehomeEffect[] {
  const { nowMs, othersReached } = context;
  work.silences++;
  const silentMs = nowMs - work.firstSentMs;
  if (othersReached && work.silences >= SILENCES && silentMs >= SILENT_MS) {
    return loseDialog(job, work, { status: 408, reason: 'Unreached at re-home' }, context);
  }
  if (work.proved && !work.reoffer) return settleProved(work);
  const kept = keep(job, work, { state: 'unreached', status: 408, reason: 'no answer' }, nowMs);
  return [...waitFor(work, nowMs + unreachedWaitMs(work.silences)), ...kept];
}

/** The leg stays with its old target; it is asked again later, under `Auto` once at once with the other method. */
export function refuse(job: RehomeJob, work: LegWork, status: number, moment: Moment): RehomeEffect[] {
  work.glares = 0;
  work.waitedOnRequest = false;
  work.credentials = [];
  work.challenges = 0;
  if (mayTryOtherMethod(job, work, status)) {
    work.triedOtherMethod = true;
    work.method = work.method === 'INVITE' ? 'UPDATE' : 'INVITE';
    return waitFor(work, moment.nowMs);
  }
  work.refusals++;
  const reason = status === 0 ? 'no description to offer' : `refused with ${String(status)}`;
  const kept = keep(job, work, { state: 'refused', status, reason }, moment.nowMs);
  return [...waitFor(work, moment.nowMs + refusedWaitMs(work.refusals)), ...kept];
}

/** Frees the leg's place and lets it wait. */
function waitFor(work: LegWork, dueMs: number): RehomeEffect[] {
  work.phase = 'waiting';
  work.dueMs = dueMs;
  return [];
}

/** The endpoint showed meanwhile that it sends here: nothing is left to ask. */
function settleProved(work: LegWork): RehomeEffect[] {
  work.phase = 'home';
  return [];
}

function mayTryOtherMethod(job: RehomeJob, work: LegWork, status: number): boolean {
  if (job.policy.method !== 'Auto' || work.triedOtherMethod || status < 400 || status >= 600) return false;
  return work.method === 'UPDATE' || allows(job.record.legs[work.leg], 'UPDATE');
}

function glareWait(job: RehomeJob, work: LegWork, { random }: Moment): number | undefined {
  work.glares++;
  const { endpointChoseCallId } = job.record.legs[work.leg];
  return work.glares > GLARES ? undefined : glareWaitMs(endpointChoseCallId, random);
}

/** What the response itself asks for, once: another interval (422), or some patience (500, 503). */
function requestedWait(job: RehomeJob, work: LegWork, response: SipMessage): number | undefined {
  if (response.status === 422) return longerInterval(job, work, response) ? 0 : undefined;
  const seconds = /^\s*(\d+)/.exec(response.get(H.RetryAfter) ?? '')?.[1];
  const mayWait = response.status === 500 || response.status === 503;
  if (!mayWait || seconds === undefined || work.waitedOnRequest) return undefined;
  work.waitedOnRequest = true;
  return Math.min(LONGEST_WAIT_MS, Number(seconds) * 1_000);
}

/** RFC 4028 §7.3: the interval grows to Min-SE, which the retry names too. */
function longerInterval(job: RehomeJob, work: LegWork, response: SipMessage): boolean {
  const least = Number(/^\s*(\d+)/.exec(response.get(H.MinSE) ?? '')?.[1] ?? 0);
  const { session } = job.record.legs[work.leg];
  if (work.minSeconds > 0 || least === 0 || session === undefined) return false;
  work.minSeconds = least;
  session.intervalSeconds = Math.max(session.intervalSeconds, least);
  return true;
}

function keep(
  job: RehomeJob,
  work: LegWork,
  why: { state: 'refused' | 'unreached'; status: number; reason: string },
  nowMs: number,
): RehomeEffect[] {
  const leg = job.record.legs[work.leg];
  const sinceMs = leg.standing.state === why.state ? leg.standing.sinceMs : nowMs;
  leg.standing = { state: why.state, status: why.status, sinceMs, attempts: leg.standing.attempts + 1 };
  job.record.version++;
  return [
    { type: 'changed' },
    { type: 'kept', leg: work.leg, standing: { ...leg.standing }, reason: why.reason },
  ];
}

function loseDialog(
  job: RehomeJob,
  work: LegWork,
  cause: { status: number; reason: string },
  { random }: Moment,
): RehomeEffect[] {
  const byes = endBothLegs(job, work.leg, cause, random);
  endCall(job.record);
  job.state = 'over';
  return [{ type: 'changed' }, ...byes, { type: 'ended', leg: work.leg, ...cause }];
}
