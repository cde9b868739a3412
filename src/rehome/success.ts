import { contactUri } from '../dialog/contact-uri.ts';
import { buildLegRequest } from '../dialog/local-request.ts';
import { acknowledge } from '../dialog/open-request.ts';
import { noteCapabilities } from '../dialog/peer-capabilities.ts';
import { otherLeg, type LegIndex } from '../dialog/record.ts';
import { sdpOf } from '../dialog/sdp-body.ts';
import { noteOwnRefresh } from '../dialog/session-timer.ts';
import { flat, type SipMessage } from '../sip/index.ts';
import { hopOf } from './attempt.ts';
import type { RehomeEffect } from './effect.ts';
import { ackOpen, dropAcknowledged, owedAnswer, settleAnswer } from './finish-inherited.ts';
import { answerIsDue } from './inherited.ts';
import type { LegWork, RehomeJob } from './job.ts';
import type { Moment } from './outcome.ts';
import { sdpDiffers } from './sdp-difference.ts';

/** How often one leg is offered what the other one answered: an endpoint that answers differently each time is left alone. */
const ROUNDS = 2;

/** A 2xx to a leg's request: the endpoint's target is this pod now. */
export function succeed(
  job: RehomeJob,
  work: LegWork,
  success: SipMessage,
  { nowMs, random }: Moment,
): RehomeEffect[] {
  const leg = job.record.legs[work.leg];
  leg.remoteTarget = contactUri(success) ?? leg.remoteTarget;
  noteCapabilities(leg, success);
  noteOwnRefresh(leg, success, nowMs);
  const effects: RehomeEffect[] = [];
  if (work.method === 'INVITE') {
    effects.push(...acknowledgeSuccess(job, work, success.cseq, random));
    effects.push(...takeAnswer(job, work, sdpOf(success) || work.earlyAnswer, random));
  }
  dropBlindAcks(job, work.leg);
  Object.assign(work, {
    phase: 'home',
    text: '',
    reoffer: work.reoffer && work.offered !== leg.sdpSent,
    glares: 0,
    silences: 0,
    firstSentMs: 0,
    refusals: 0,
    waitedOnRequest: false,
    triedOtherMethod: false,
    credentials: [],
    challenges: 0,
  } satisfies Partial<LegWork>);
  markHome(job, work.leg, nowMs);
  return [...effects, { type: 'changed' }, { type: 'home', leg: work.leg, by: work.method }];
}

/** Writes into the record that a leg's endpoint sends to this pod. */
export function markHome(job: RehomeJob, index: LegIndex, nowMs: number): void {
  const leg = job.record.legs[index];
  leg.home = { pod: job.owner.pod, epoch: job.owner.epoch };
  leg.standing = { state: 'settled', status: 0, sinceMs: nowMs, attempts: 0 };
  job.record.version++;
  settleAnswer(job, index);
}

/**
 * The ACK of a 2xx to an INVITE of the pod's own or of a dead owner's, along the target that the 2xx named; the same
 * again for its repeats. None while the answer that it has to carry is still to come.
 */
export function acknowledgeSuccess(
  job: RehomeJob,
  work: LegWork,
  cseq: number,
  random: () => number,
): RehomeEffect[] {
  const { record } = job;
  const open = record.open.find(({ from, cseqOut }) => from !== work.leg && cseqOut === cseq);
  if (open !== undefined && answerIsDue(open)) return [];
  if (work.ack?.cseq !== cseq) {
    const hop = hopOf(job, work.leg, random);
    const sdp = open?.lateOffer === true ? record.legs[work.leg].sdpSent : '';
    // RFC 3261 §13.2.2.4: with the credentials of the INVITE.
    const extraHeaders = work.cseq === cseq ? work.credentials : [];
    work.ack = {
      cseq,
      text: buildLegRequest(record, work.leg, { method: 'ACK', hop, cseq, sdp, extraHeaders }),
    };
  }
  return [{ type: 'ack', leg: work.leg, text: work.ack.text }];
}

/** What the endpoint answered: the answer to an inherited late offer, or a description to compare with the one known. */
function takeAnswer(job: RehomeJob, work: LegWork, answer: string, random: () => number): RehomeEffect[] {
  const leg = job.record.legs[work.leg];
  const far = job.record.legs[otherLeg(work.leg)];
  const late = owedAnswer(job, work.leg);
  if (answer === '') return [];
  const known = leg.sdpReceived;
  leg.sdpReceived = flat(answer);
  if (late !== undefined) {
    leg.sdpSent = work.offered;
    far.sdpReceived = work.offered;
    far.sdpSent = leg.sdpReceived;
    const ack = ackOpen(job, late.open, leg.sdpReceived, random);
    acknowledge(late.open);
    dropAcknowledged(job);
    return [ack];
  }
  if (known !== '' && sdpDiffers(answer, known) && job.rounds < ROUNDS) {
    job.rounds++;
    far.sdpSent = leg.sdpReceived;
    job.legs[otherLeg(work.leg)].reoffer = true;
  }
  return [];
}

/** An endpoint that took a new INVITE has had the old one's ACK. */
function dropBlindAcks(job: RehomeJob, leg: LegIndex): void {
  job.inherited = job.inherited.filter(({ kind, open }) => !(kind === 'ack' && open.from !== leg));
}
