import { buildCancel } from '../dialog/cancel.ts';
import { takeCSeq } from '../dialog/epoch-cseq.ts';
import type { Hop } from '../dialog/hop.ts';
import { buildLegRequest } from '../dialog/local-request.ts';
import type { LegIndex } from '../dialog/record.ts';
import { H, parseMessage, SipMessage, type HeaderLine } from '../sip/index.ts';
import { branchOf } from './branch.ts';
import type { RehomeEffect } from './effect.ts';
import { owedAnswer } from './finish-inherited.ts';
import type { LegWork, RehomeJob } from './job.ts';
import { transactionLifeMs } from './policy.ts';

/** The hop of one request of the pod's own. */
export function hopOf(job: RehomeJob, leg: LegIndex, random: () => number): Hop {
  return { ...job.owner.hops[leg], branch: branchOf(random) };
}

/** The description that a leg is asked with: the last one sent to it, or a late offer that is still unanswered. */
function offerFor(job: RehomeJob, leg: LegIndex): string {
  return owedAnswer(job, leg)?.open.offer ?? job.record.legs[leg].sdpSent;
}

/** Sends the leg its request; undefined if there is nothing to offer in an INVITE. */
export function sendAttempt(
  job: RehomeJob,
  work: LegWork,
  nowMs: number,
  random: () => number,
): RehomeEffect | undefined {
  const { record } = job;
  const { leg, method } = work;
  const sdp = method === 'INVITE' ? offerFor(job, leg) : '';
  if (method === 'INVITE' && sdp === '') return undefined;
  const hop = hopOf(job, leg, random);
  const cseq = takeCSeq(record.legs[leg], record.epoch);
  const minSe: HeaderLine[] = work.minSeconds > 0 ? [[H.MinSE, String(work.minSeconds)]] : [];
  const extraHeaders = [...minSe, ...work.credentials];
  const text = buildLegRequest(record, leg, { method, hop, cseq, sdp, extraHeaders });
  Object.assign(work, {
    phase: 'inFlight',
    dueMs: Infinity,
    text,
    offered: sdp,
    cseq,
    boundMs: Infinity,
    cancelled: false,
    lastRSeq: 0,
    earlyAnswer: '',
  } satisfies Partial<LegWork>);
  if (work.firstSentMs === 0) work.firstSentMs = nowMs;
  return { type: 'request', leg, method, text, branch: hop.branch, cseq };
}

/** Acknowledges a reliable provisional response (RFC 3262 §4), once each. */
export function acknowledgeProvisional(
  job: RehomeJob,
  work: LegWork,
  response: SipMessage,
  random: () => number,
): RehomeEffect[] {
  const rseq = Number(response.get(H.RSeq));
  if (!Number.isInteger(rseq) || rseq <= work.lastRSeq) return [];
  work.lastRSeq = rseq;
  const { leg } = work;
  const hop = hopOf(job, leg, random);
  const cseq = takeCSeq(job.record.legs[leg], job.record.epoch);
  const extraHeaders: HeaderLine[] = [[H.RAck, `${String(rseq)} ${String(work.cseq)} INVITE`]];
  const text = buildLegRequest(job.record, leg, { method: 'PRACK', hop, cseq, extraHeaders });
  return [{ type: 'request', leg, method: 'PRACK', text, branch: hop.branch, cseq }];
}

/** Cancels an INVITE that has rung too long (RFC 3261 §9.1) and gives it as long again to end. */
export function cancelAttempt(job: RehomeJob, work: LegWork, nowMs: number): RehomeEffect[] {
  work.cancelled = true;
  work.boundMs = nowMs + transactionLifeMs(job.policy);
  const invite = parseMessage(work.text);
  if (!(invite instanceof SipMessage)) return [];
  const text = buildCancel(invite, []);
  return [
    { type: 'request', leg: work.leg, method: 'CANCEL', text, branch: invite.branch ?? '', cseq: work.cseq },
  ];
}

/** Ends the call at the other leg, and at this one too where it may still live. */
export function endBothLegs(
  job: RehomeJob,
  leg: LegIndex,
  cause: { status: number; reason: string },
  random: () => number,
): RehomeEffect[] {
  const reason = `SIP;cause=${String(cause.status)};text="${cause.reason}"`;
  const ends: LegIndex[] = cause.status === 481 ? [leg === 0 ? 1 : 0] : [0, 1];
  return ends.map((end): RehomeEffect => {
    const hop = hopOf(job, end, random);
    const cseq = takeCSeq(job.record.legs[end], job.record.epoch);
    const extraHeaders: HeaderLine[] = [[H.Reason, reason]];
    const text = buildLegRequest(job.record, end, { method: 'BYE', hop, cseq, extraHeaders });
    return { type: 'request', leg: end, method: 'BYE', text, branch: hop.branch, cseq };
  });
}
