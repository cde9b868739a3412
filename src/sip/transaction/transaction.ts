import type { Effect } from './effect.ts';
import type { Input } from './input.ts';
import { stepInviteClient, type InviteClient } from './invite-client.ts';
import { stepInviteServer, type InviteServer } from './invite-server.ts';
import { stepNonInviteClient, type NonInviteClient } from './non-invite-client.ts';
import { stepNonInviteServer, type NonInviteServer } from './non-invite-server.ts';

/** A request sent, until its last response cannot come any more. */
export type ClientTransaction = InviteClient | NonInviteClient;

/** A request received, until its last copy cannot come any more. */
export type ServerTransaction = InviteServer | NonInviteServer;

/** One of the four state machines of RFC 3261 §17. */
export type Transaction = ClientTransaction | ServerTransaction;

/** Applies one input to a transaction, in place, and says what to do; inputs that its state does not allow do nothing. */
export function step(tx: Transaction, input: Input, nowMs: number): readonly Effect[] {
  switch (tx.kind) {
    case 'invite-client':
      return stepInviteClient(tx, input);
    case 'non-invite-client':
      return stepNonInviteClient(tx, input);
    case 'invite-server':
      return stepInviteServer(tx, input);
    case 'non-invite-server':
      return stepNonInviteServer(tx, input, nowMs);
  }
}
