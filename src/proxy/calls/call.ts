import type { DialogRecord } from '../../dialog/record.ts';
import type { RehomeJob } from '../../rehome/index.ts';
import type { CallSetup } from './call-setup.ts';
import type { Gate } from './gate.ts';

/** A dialog of this pod: its record, and what goes on in it right now. */
export interface Call {
  record: DialogRecord;
  /** The initial INVITE, until it is answered for good. */
  setup?: CallSetup;
  /** Messages that wait until a standby holds what they complete. */
  gate?: Gate;
  /** The re-homing of this dialog, while a leg's home is elsewhere or unproven. */
  job?: RehomeJob;
  /** The last version that a standby is known to hold, and the CSeq numbers in it. */
  kept?: { cseqs: [number, number]; epoch: number };
}
