import type { LegIndex } from '../dialog/record.ts';
import type { HeaderLine, SipMessage } from '../sip/index.ts';

/** What happens to a job. */
export type RehomeEvent =
  /** The pod owns the dialog and may act. */
  | { type: 'begin' }
  /** Pacing lets a queued leg send. */
  | { type: 'go'; leg: LegIndex }
  /** `wakeAtMs` has come. */
  | { type: 'time' }
  /** A response to a request of the pod's own on this leg, or to one of the dead owner's. */
  | {
      type: 'response';
      leg: LegIndex;
      message: SipMessage;
      othersReached: boolean;
      /** What a challenge (401, 407) is answered with; absent if it cannot be. */
      credentials?: HeaderLine | undefined;
    }
  /** A request of the pod's own timed out or could not be sent; `othersReached`: its listener reaches other peers. */
  | { type: 'silence'; leg: LegIndex; cseq: number; othersReached: boolean }
  /** This leg's endpoint sent to this pod, or answered 2xx to a relayed request that showed this pod's Contact. */
  | { type: 'proved'; leg: LegIndex }
  /** This leg's endpoint acknowledged its INVITE's 2xx, and the ACK has been relayed. */
  | { type: 'acked'; leg: LegIndex }
  /** The call ended by other means: a BYE wins over everything. */
  | { type: 'ended' }
  /** The pod may not act any more. */
  | { type: 'stop' };
