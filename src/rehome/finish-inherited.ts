import { buildLegRequest } from '../dialog/local-request.ts';
import { buildLegResponse, repeatAnswer } from '../dialog/local-response.ts';
import { acknowledge, closeRequest } from '../dialog/open-request.ts';
import { otherLeg, type LegIndex, type OpenRequest } from '../dialog/record.ts';
import { branchOf } from './branch.ts';
import type { RehomeEffect } from './effect.ts';
import { answerIsDue, type Inherited } from './inherited.ts';
import type { RehomeJob } from './job.ts';

/** Until when a leg is held; 0 if it is free, Infinity if only an ACK frees it. */
export function heldUntilMs(job: RehomeJob, leg: LegIndex): number {
  return Math.max(0, ...job.inherited.map((inherited) => holdMs(inherited, leg)));
}

function holdMs(inherited: Inherited, leg: LegIndex): number {
  const { kind, open } = inherited;
  if (kind === 'answer' && open.from === leg) return inherited.holdsMs;
  if (kind === 'answer' && answerIsDue(open)) return inherited.untilMs;
  return kind === 'ack' && open.from !== leg ? inherited.holdsMs : 0;
}

/** The first things that a new owner does: it acknowledges what it can, answers what is open. */
export function beginInherited(job: RehomeJob, nowMs: number, random: () => number): RehomeEffect[] {
  const acks = job.inherited
    .filter(({ kind, open }) => kind === 'answer' && !answerIsDue(open))
    .map(({ open }) => ackOpen(job, open, '', random));
  for (const { kind, open } of job.inherited) if (kind === 'refusal') closeRequest(job.record, open);
  return [...acks, ...repeatInherited(job, nowMs, random)];
}

/** Sends what is due of the inherited, and drops what has lasted long enough. */
export function repeatInherited(job: RehomeJob, nowMs: number, random: () => number): RehomeEffect[] {
  const effects: RehomeEffect[] = [];
  for (const inherited of job.inherited) {
    if (inherited.nextMs > nowMs) continue;
    if (inherited.nextMs <= inherited.untilMs) effects.push(...repeat(job, inherited, random));
    inherited.nextMs = Math.max(nowMs, inherited.nextMs) + inherited.intervalMs;
    inherited.intervalMs = Math.min(job.policy.t2Ms, inherited.intervalMs * 2);
  }
  for (const inherited of job.inherited) {
    if (inherited.nextMs > inherited.untilMs && inherited.kind === 'answer') acknowledge(inherited.open);
  }
  job.inherited = job.inherited.filter((inherited) => inherited.nextMs <= inherited.untilMs);
  return effects;
}

function repeat(job: RehomeJob, inherited: Inherited, random: () => number): RehomeEffect[] {
  const { record } = job;
  const { kind, open } = inherited;
  const leg = open.from;
  if (kind === 'answer') {
    const text = repeatAnswer(record, open, job.owner.hops[leg]);
    return text === undefined ? [] : [{ type: 'reply', leg, text, peer: open.peer }];
  }
  if (kind === 'refusal') {
    const text = buildLegResponse(record, open, { status: 491, reason: 'Request Pending' });
    return [{ type: 'reply', leg, text, peer: open.peer }];
  }
  // An answer that is due cannot be known; what was agreed before is the best one.
  const sdp = answerIsDue(open) ? record.legs[otherLeg(leg)].sdpSent : '';
  return [ackOpen(job, open, sdp, random)];
}

/** The ACK of the other endpoint's 2xx to an inherited INVITE. */
export function ackOpen(job: RehomeJob, open: OpenRequest, sdp: string, random: () => number): RehomeEffect {
  const leg = otherLeg(open.from);
  const hop = { ...job.owner.hops[leg], branch: branchOf(random) };
  const text = buildLegRequest(job.record, leg, { method: 'ACK', hop, cseq: open.cseqOut, sdp });
  return { type: 'ack', leg, text };
}

/** The inherited 2xx with a late offer that this leg's endpoint has not answered. */
export function owedAnswer(job: RehomeJob, leg: LegIndex): Inherited | undefined {
  return job.inherited.find(({ kind, open }) => kind === 'answer' && open.from === leg && answerIsDue(open));
}

/** Ends the repeating of a 2xx to this leg: its endpoint has shown that it got it. */
export function settleAnswer(job: RehomeJob, leg: LegIndex): void {
  for (const { kind, open } of job.inherited) {
    if (kind === 'answer' && open.from === leg && !answerIsDue(open)) acknowledge(open);
  }
  dropAcknowledged(job);
}

/** Drops each 2xx whose ACK has come. */
export function dropAcknowledged(job: RehomeJob): void {
  job.inherited = job.inherited.filter(({ kind, open }) => !(kind === 'answer' && open.acked));
}
