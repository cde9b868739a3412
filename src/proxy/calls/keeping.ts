import type { LegIndex } from '../../dialog/record.ts';
import type { Call } from './call.ts';

/** Why a dialog ended, as CDRs and metrics say it. */
export type EndCause = 'bye' | 'lost' | 'unreachable' | 'shutdown';

/** What keeps the standbys up to date, and messages back until they are. */
export interface Keeping {
  /** Announces the record as it is now; its sequence, or undefined when this pod is not the tag's owner. */
  keep(call: Call, prompt: boolean): number | undefined;
  /** Runs `deliver` once a standby holds the record as it is now, or the wait is over (promise 2). */
  protect(call: Call, deliver: () => void): void;
  /** A standby holds everything of this tag up to `sequence`. */
  acknowledged(tag: string, sequence: number): void;
  /** Lets go of everything that waits for an acknowledgement of a tag, since none will come. */
  releaseAll(tag: string): void;
  /** Whether the next CSeq of a leg stays clear of what a successor would begin with (OWNERSHIP section 8). */
  mayUseNextCSeq(call: Call, leg: LegIndex): boolean;
  /** Ends a dialog for everybody: forgets it, leaves a tombstone, writes its CDR. */
  end(call: Call, cause: EndCause): void;
}
