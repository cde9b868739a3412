import type { SipMessage } from '../message.ts';
import type { TimerName } from './timers.ts';

/** What can happen to a transaction. */
export type Input =
  /** The first input of a transaction: a client sends its request. */
  | { readonly type: 'start' }
  /** A request that matches a server transaction: a retransmission, or the ACK of an INVITE. */
  | { readonly type: 'request'; readonly message: SipMessage }
  /** The transaction user answers a server transaction; `text` is the whole response. */
  | { readonly type: 'respond'; readonly status: number; readonly text: string }
  /** A response that matches a client transaction. */
  | { readonly type: 'response'; readonly status: number; readonly message: SipMessage }
  | { readonly type: 'timer'; readonly timer: TimerName }
  /** What the transaction last sent could not be delivered. */
  | { readonly type: 'transportError' };
