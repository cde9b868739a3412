import type { EarlyDialogs } from '../../dialog/early-dialogs.ts';
import type { DialogRecord } from '../../dialog/record.ts';
import type { SkippedCSeqs } from '../../dialog/skipped-cseqs.ts';
import type { RehomeJob } from '../../rehome/index.ts';
import type { CopiedCSeqs } from './copied-cseqs.ts';
import type { Gate } from './gate.ts';

/** A call that nobody has answered yet. */
export interface Ringing {
  readonly early: EarlyDialogs;
  /** Ends it: the caller gets `status`, the callee a CANCEL. */
  stop(status: number): void;
}

/** A dialog of this pod: its record, and what goes on in it right now. */
export interface Call {
  record: DialogRecord;
  /** The initial INVITE, until it is answered for good. */
  setup?: Ringing;
  /** Messages that wait until a standby holds what they complete. */
  gate?: Gate;
  /** The re-homing of this dialog, while a leg's home is elsewhere or unproven. */
  job?: RehomeJob;
  /** An endpoint has hung up, and the other one has not confirmed it yet. */
  ending?: true;
  /** This pod is no longer the tag's owner, and goes on with the call until its exchange is over or this time has come, in ms. */
  finishingUntilMs?: number;
  /** The tag's old owner goes on with the call until its exchange is over; this pod acts for it from then on. */
  awaits?: { pod: string; untilMs: number };
  /** By leg, the numbers of its endpoint that came to no pod yet though later ones did. */
  skipped?: [SkippedCSeqs, SkippedCSeqs];
  /** The CSeq numbers in a version that a standby is known to hold. */
  kept?: CopiedCSeqs;
  /** The CSeq numbers in a version that a standby was sent later, and the sequence that acknowledges it. */
  sent?: { sequence: number; cseqs: CopiedCSeqs };
}
