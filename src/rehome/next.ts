import { isBusy } from '../dialog/open-request.ts';
import type { LegIndex } from '../dialog/record.ts';
import { sdpOf } from '../dialog/sdp-body.ts';
import { sessionDueAtMs } from '../dialog/session-timer.ts';
import { flat, H, type SipMessage } from '../sip/index.ts';
import { acknowledgeProvisional, cancelAttempt, sendAttempt } from './attempt.ts';
import type { RehomeEffect } from './effect.ts';
import type { RehomeEvent } from './event.ts';
import {
  beginInherited,
  dropAcknowledged,
  heldUntilMs,
  owedAnswer,
  repeatInherited,
} from './finish-inherited.ts';
import { methodFor, type LegWork, type RehomeJob } from './job.ts';
import { failAttempt, refuse, silence, type Moment } from './outcome.ts';
import { transactionLifeMs } from './policy.ts';
import { acknowledgeSuccess, markHome, succeed } from './success.ts';

/** An endpoint's own offer is in progress: the leg looks again after this. */
const BUSY_MS = 500;

/** One step of a job: what to do because of an event. `random` gives numbers from 0 up to 1. */
export function next(
  job: RehomeJob,
  event: RehomeEvent,
  nowMs: number,
  random: () => number,
): RehomeEffect[] {
  const flying = job.legs.map((work) => work.phase === 'inFlight');
  dropAcknowledged(job);
  const effects = react(job, event, { nowMs, random });
  if (job.state === 'active') effects.push(...queueDue(job, nowMs));
  for (const work of job.legs) {
    if (job.state === 'over' && work.phase === 'inFlight') work.phase = 'held';
    if (flying[work.leg] === true && work.phase !== 'inFlight') effects.push(release(work));
  }
  if (job.state === 'active' && isFinished(job)) {
    job.state = 'done';
    effects.push({ type: 'done' });
  }
  job.wakeAtMs = wakeAt(job);
  return effects;
}

/**
 * The status that an endpoint's INVITE or UPDATE is refused with: 491 while a request of ours is in flight on either
 * leg, or while the endpoint still owes the answer to a late offer (RFC 3261 §14.2). Undefined to let it pass.
 */
export function refusesPeer(job: RehomeJob, from: LegIndex, method: string): 491 | undefined {
  if (job.state !== 'active' || (method !== 'INVITE' && method !== 'UPDATE')) return undefined;
  const inFlight = job.legs.some(({ phase }) => phase === 'inFlight');
  return inFlight || owedAnswer(job, from) !== undefined ? 491 : undefined;
}

function react(job: RehomeJob, event: RehomeEvent, moment: Moment): RehomeEffect[] {
  if (event.type === 'response') return onResponse(job, event, moment);
  if (job.state !== 'active') return event.type === 'go' ? [release(job.legs[event.leg])] : [];
  switch (event.type) {
    case 'begin':
      return beginInherited(job, moment.nowMs, moment.random);
    case 'go':
      return onGo(job, job.legs[event.leg], moment);
    case 'time':
      return onTime(job, moment);
    case 'silence':
      return onSilence(job, event, moment);
    case 'proved':
      return onProved(job, event.leg, moment.nowMs);
    case 'acked':
      // The record says so, and what it has seen acknowledged is dropped before every step.
      return [];
    case 'ended':
    case 'stop':
      job.state = 'over';
      job.inherited = [];
      return [];
  }
}

function onGo(job: RehomeJob, work: LegWork, moment: Moment): RehomeEffect[] {
  if (work.phase !== 'queued') return [release(work)];
  if (isBusyBesides(job)) {
    work.phase = 'waiting';
    work.dueMs = moment.nowMs + BUSY_MS;
    return [release(work)];
  }
  if (!work.triedOtherMethod)
    work.method = work.reoffer ? 'INVITE' : methodFor(job.record.legs[work.leg], job.policy);
  const request = sendAttempt(job, work, moment.nowMs, moment.random);
  if (request !== undefined) return [request];
  return [release(work), ...refuse(job, work, 0, moment)];
}

/** Whether an endpoint's offer is in progress, apart from what was inherited. */
function isBusyBesides(job: RehomeJob): boolean {
  const inherited = new Set(job.inherited.map(({ open }) => open));
  return isBusy({ ...job.record, open: job.record.open.filter((open) => !inherited.has(open)) });
}

function onResponse(
  job: RehomeJob,
  event: Extract<RehomeEvent, { type: 'response' }>,
  moment: Moment,
): RehomeEffect[] {
  const { message, othersReached, credentials } = event;
  const work = job.legs[event.leg];
  const { method, status, cseq } = message;
  const success = status >= 200 && status < 300;
  const own = job.state === 'active' && work.cseq === cseq && work.method === method;
  // A 2xx counts however late it comes: the endpoint has this pod as its target.
  if (own && success && work.phase !== 'home') return succeed(job, work, message, moment);
  if (!own || work.phase !== 'inFlight') {
    // RFC 3261 §13.2.2.4: every 2xx gets its ACK, whoever asked.
    return success && method === 'INVITE' ? acknowledgeSuccess(job, work, cseq, moment.random) : [];
  }
  if (status < 200) return onProvisional(job, work, message, moment);
  return failAttempt(job, work, message, { ...moment, othersReached, credentials });
}

function onProvisional(
  job: RehomeJob,
  work: LegWork,
  response: SipMessage,
  { nowMs, random }: Moment,
): RehomeEffect[] {
  if (work.method !== 'INVITE') return [];
  if (work.boundMs === Infinity) work.boundMs = nowMs + transactionLifeMs(job.policy);
  if (response.get(H.RSeq) === undefined) return [];
  work.earlyAnswer = flat(sdpOf(response)) || work.earlyAnswer;
  return acknowledgeProvisional(job, work, response, random);
}

function onTime(job: RehomeJob, moment: Moment): RehomeEffect[] {
  const effects = repeatInherited(job, moment.nowMs, moment.random);
  for (const work of job.legs) {
    if (work.phase !== 'inFlight' || work.boundMs > moment.nowMs) continue;
    if (work.cancelled) effects.push(...silence(job, work, { ...moment, othersReached: false }));
    else effects.push(...cancelAttempt(job, work, moment.nowMs));
  }
  return effects;
}

function onSilence(
  job: RehomeJob,
  event: Extract<RehomeEvent, { type: 'silence' }>,
  moment: Moment,
): RehomeEffect[] {
  const work = job.legs[event.leg];
  // A cancelled INVITE is waited for to its bound, whatever becomes of the CANCEL.
  if (work.phase !== 'inFlight' || work.cseq !== event.cseq || work.cancelled) return [];
  return silence(job, work, { ...moment, othersReached: event.othersReached });
}

/** The endpoint sends here already: an attempt that is not sent is not needed. */
function onProved(job: RehomeJob, leg: LegIndex, nowMs: number): RehomeEffect[] {
  const work = job.legs[leg];
  const { home } = job.record.legs[leg];
  const known = work.phase === 'home' || work.proved;
  work.proved = true;
  if (work.phase !== 'inFlight' && !work.reoffer) work.phase = 'home';
  if (known && home.epoch === job.owner.epoch) return [];
  markHome(job, leg, nowMs);
  return [{ type: 'changed' }, { type: 'home', leg, by: 'endpoint' }];
}

/** Lines up the legs whose time has come. */
function queueDue(job: RehomeJob, nowMs: number): RehomeEffect[] {
  const effects: RehomeEffect[] = [];
  for (const work of job.legs) {
    if (work.phase === 'home' && work.reoffer) work.phase = 'held';
    if (work.phase === 'held') {
      work.phase = 'waiting';
      work.dueMs = nowMs;
    }
    if (work.phase !== 'waiting' || readyMs(job, work) > nowMs) continue;
    work.phase = 'queued';
    work.dueMs = Infinity;
    const leg = job.record.legs[work.leg];
    work.peer = leg.peer;
    const dueAtMs = sessionDueAtMs(leg);
    effects.push({ type: 'queue', leg: work.leg, peer: leg.peer, notBeforeMs: nowMs, dueAtMs });
  }
  return effects;
}

/** When a waiting leg may be queued: its own wait is over, and nothing inherited holds it. */
function readyMs(job: RehomeJob, work: LegWork): number {
  return Math.max(work.dueMs, heldUntilMs(job, work.leg));
}

function legWakesAt(job: RehomeJob, work: LegWork): number {
  if (work.phase === 'inFlight') return work.boundMs;
  return work.phase === 'waiting' ? readyMs(job, work) : Infinity;
}

function release({ leg, peer }: LegWork): RehomeEffect {
  return { type: 'release', leg, peer };
}

function isFinished(job: RehomeJob): boolean {
  return job.inherited.length === 0 && job.legs.every(({ phase }) => phase === 'home');
}

function wakeAt(job: RehomeJob): number {
  if (job.state !== 'active') return Infinity;
  return Math.min(
    ...job.legs.map((work) => legWakesAt(job, work)),
    ...job.inherited.map(({ nextMs }) => nextMs),
  );
}
