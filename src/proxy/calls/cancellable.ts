import { buildCancel } from '../../dialog/cancel.ts';
import { H, hasProvisional, parseMessage, SipMessage } from '../../sip/index.ts';
import type { TimerEntry } from '../../runtime/timing-wheel.ts';
import type { Flow } from '../flow.ts';
import type { ClientHandle, ClientUser } from '../transactions.ts';
import type { CallContext } from './context.ts';

const IGNORE: ClientUser = {
  response: () => undefined,
  failed: () => undefined,
};

/** How long a request may ring without another word, in ms: Timer C, more than three minutes (RFC 3261 §16.6). */
export const RINGING_LIMIT_MS = 190_000;

/** An INVITE that the pod sent and may have to cancel (RFC 3261 §9.1). */
export class Cancellable {
  private readonly context: CallContext;
  private readonly text: string;
  private readonly flow: Flow;
  private readonly limitMs: number;
  private limit: TimerEntry | undefined;
  private client: ClientHandle | undefined;
  private branch = '';
  private due = false;
  private sent = false;

  /** It cancels itself when a provisional response was the last word for `limitMs`. */
  constructor(context: CallContext, text: string, flow: Flow, limitMs?: number) {
    this.context = context;
    this.text = text;
    this.flow = flow;
    this.limitMs = limitMs ?? Infinity;
  }

  send(branch: string, user: ClientUser): void {
    this.branch = branch;
    const request = { text: this.text, method: 'INVITE', branch, flow: this.flow };
    this.client = this.context.transactions.openClient(request, {
      response: (message) => {
        this.stopLimit();
        if (message.status < 200) this.provisional();
        user.response(message);
      },
      failed: (cause) => {
        this.stopLimit();
        user.failed(cause);
      },
    });
  }

  /** Sends the CANCEL now, with the Reason of the one that asks for it; false while nothing provisional has come. */
  cancel(invite: SipMessage): boolean {
    if (this.client?.tx.kind !== 'invite-client' || !hasProvisional(this.client.tx)) return false;
    this.sendCancel(invite.all(H.Reason));
    return true;
  }

  /** Sends the CANCEL now or with the first provisional response. */
  cancelWhenPossible(): void {
    this.due = true;
    if (this.client?.tx.kind === 'invite-client' && hasProvisional(this.client.tx)) this.sendCancel([]);
  }

  private provisional(): void {
    if (this.due) this.sendCancel([]);
    if (this.limitMs === Infinity) return;
    this.limit = this.context.wheel.set(this.limitMs, () => {
      this.cancelWhenPossible();
    });
  }

  private stopLimit(): void {
    if (this.limit) this.context.wheel.clear(this.limit);
    this.limit = undefined;
  }

  private sendCancel(reasons: readonly string[]): void {
    if (this.sent) return;
    this.sent = true;
    const invite = parseMessage(this.text);
    if (!(invite instanceof SipMessage)) return;
    const request = {
      text: buildCancel(invite, reasons),
      method: 'CANCEL',
      branch: this.branch,
      flow: this.flow,
    };
    this.context.transactions.openClient(request, IGNORE);
    // RFC 3261 §9.1: without a final response for 64*T1 the INVITE counts as cancelled.
    this.context.wheel.set(64 * this.context.config.sip.t1Ms, () => {
      if (this.client?.tx.kind === 'invite-client' && hasProvisional(this.client.tx))
        this.context.transactions.giveUp(this.client);
    });
  }
}
