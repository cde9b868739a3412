import type { DialogRecord, OpenRequest } from '../dialog/record.ts';
import { transactionLifeMs, type RehomePolicy } from './policy.ts';

/**
 * What a dead owner left open.
 * - `answer`: a 2xx without its ACK; sent again until the ACK comes.
 * - `refusal`: an INVITE or UPDATE without a final response; refused with 491, so that its sender tries again.
 * - `ack`: a refused INVITE that the other endpoint may have answered; acknowledged unseen.
 */
export interface Inherited {
  kind: 'answer' | 'refusal' | 'ack';
  open: OpenRequest;
  /** When it is sent next. */
  nextMs: number;
  intervalMs: number;
  untilMs: number;
  /** Until when the leg that it was sent to must not be asked for itself. */
  holdsMs: number;
}

/** A re-INVITE goes out this long after the first repeat of a 2xx, though no ACK came (RFC 3261 §14.1). */
const ACK_PATIENCE_MS = 1_000;
/** A refusal over UDP is sent this often: its ACK goes to the dead pod. */
const REFUSALS = 3;

/** The work that a confirmed record's open requests mean. */
export function inheritedOf(record: DialogRecord, policy: RehomePolicy, nowMs: number): Inherited[] {
  if (record.state !== 'confirmed') return [];
  const untilMs = nowMs + transactionLifeMs(policy);
  const start = { nextMs: nowMs, intervalMs: policy.t1Ms };
  return record.open
    .filter((open) => !open.acked)
    .flatMap((open): Inherited[] => {
      if (open.answer !== '') {
        return [{ kind: 'answer', open, ...start, untilMs, holdsMs: nowMs + ACK_PATIENCE_MS }];
      }
      const overTcp = record.legs[open.from].transport === 'TCP';
      const refused = overTcp ? nowMs : nowMs + (2 ** (REFUSALS - 1) - 1) * policy.t1Ms;
      const refusal: Inherited = { kind: 'refusal', open, ...start, untilMs: refused, holdsMs: nowMs };
      if (open.method === 'UPDATE') return [refusal];
      // The endpoint needs a moment to answer; until then an ACK would be one too early.
      const ackMs = nowMs + policy.t1Ms;
      return [refusal, { kind: 'ack', open, ...start, nextMs: ackMs, untilMs, holdsMs: ackMs }];
    });
}

/** Whether the answer to a late offer is still due in the ACK. */
export function answerIsDue(open: OpenRequest): boolean {
  return open.lateOffer && !open.settled;
}
