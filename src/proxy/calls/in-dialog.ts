import { applyNoResponse, applyRequest, applyResponse, type Applied } from '../../dialog/apply.ts';
import { enterEarlyDialog } from '../../dialog/early-dialogs.ts';
import { forwardRequest, type ForwardedRequest } from '../../dialog/forward-request.ts';
import { forwardResponse } from '../../dialog/forward-response.ts';
import type { Hop } from '../../dialog/hop.ts';
import { legOfRequest, refusalOf } from '../../dialog/in-dialog-check.ts';
import { otherLeg, type LegIndex } from '../../dialog/record.ts';
import { H, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { ServerHandle } from '../transactions.ts';
import type { Call } from './call.ts';
import { Cancellable, RINGING_LIMIT_MS } from './cancellable.ts';
import type { CallContext } from './context.ts';
import type { EndCause } from './keeping.ts';
import { isOvertaken, noteOvertaken } from './overtaken.ts';
import { refuse, type ExtraHeaders } from './refuse.ts';

/** What re-homing says of an endpoint's request, and wants to know of it. */
export interface RehomeWatch {
  /** The status to refuse it with, since a request of the pod's own is under way on that leg; undefined to let it pass. */
  refusal(call: Call, from: LegIndex, request: SipMessage): number | undefined;
  /** The endpoint reached this pod by the pod's own address. */
  reached(call: Call, from: LegIndex, request: SipMessage): void;
  /** The endpoint of this leg accepted a request that showed it this pod's Contact. */
  answered(call: Call, leg: LegIndex): void;
  /** The dialog is over. */
  ended(call: Call): void;
}

/** One request on its way through the pod. */
interface Relay {
  call: Call;
  from: LegIndex;
  server: ServerHandle;
  /** The requester's side, for what it gets back. */
  back: Hop;
}

/** Requests inside dialogs: each is a server transaction on one leg and a client transaction on the other. */
export class InDialog {
  private readonly context: CallContext;
  private readonly watch: RehomeWatch;

  constructor(context: CallContext, watch: RehomeWatch) {
    this.context = context;
    this.watch = watch;
  }

  /** A request for a dialog that this pod acts for. */
  receive(call: Call, request: SipMessage, flow: Flow): void {
    if (call.gate) {
      call.gate.push(() => {
        this.context.receive(request.text, flow);
      });
      return;
    }
    const from = legOfRequest(call.record, request);
    if (request.method === 'ACK') {
      if (from !== undefined) this.acknowledge(call, from, request, flow);
      else this.context.metrics.drops.inc({ reason: 'stray_ack' });
      return;
    }
    const server = this.context.transactions.openServer(request, flow);
    if (!server) return;
    if (from === undefined) refuse(this.context, server, 481);
    else this.relay(call, from, server);
  }

  private relay(call: Call, from: LegIndex, server: ServerHandle): void {
    const { request, flow } = server;
    if (request.method === 'INVITE') refuse(this.context, server, 100);
    const refusal = this.refusal(call, from, request);
    if (refusal !== undefined) {
      refuse(this.context, server, refusal.status, refusal.headers);
      return;
    }
    this.watch.reached(call, from, request);
    const leg = call.record.legs[from];
    const back = this.context.listeners.hop(leg.listener, leg.transport);
    if (!back) {
      refuse(this.context, server, 503);
      return;
    }
    this.context.nextHops.ofLeg(call.record.legs[otherLeg(from)], (onward) => {
      this.send({ call, from, server, back: { ...back, branch: '' } }, onward, flow);
    });
  }

  private refusal(
    call: Call,
    from: LegIndex,
    request: SipMessage,
  ): { status: number; headers?: ExtraHeaders } | undefined {
    const outOfOrder = refusalOf(call.record.legs[from], request);
    if (outOfOrder && !isOvertaken(call, from, request)) return { status: outOfOrder.status };
    noteOvertaken(call, from, request);
    if (
      call.setup &&
      request.toTag &&
      !enterEarlyDialog(call.setup.early, call.record, from, early(from, request))
    )
      return { status: 481 };
    const glare = this.watch.refusal(call, from, request);
    if (glare !== undefined) return { status: glare };
    if (!this.context.keeper.mayUseNextCSeq(call, otherLeg(from)))
      return { status: 500, headers: [[H.RetryAfter, '1']] };
    return undefined;
  }

  private send(relay: Relay, onward: Flow, flow: Flow): void {
    const { call, from, server } = relay;
    const { context } = this;
    const legHop = context.listeners.hop(onward.listener, onward.transport);
    if (!legHop) {
      refuse(context, server, 503);
      return;
    }
    const { request } = server;
    const forwarded = forwardRequest(call.record, from, request, { ...legHop, branch: context.newBranch() });
    const applied = applyRequest(call.record, from, request, {
      ...forwarded,
      vias: request.list(H.Via),
      peer: { address: flow.address, port: flow.port },
    });
    if (applied.completesOfferAnswer) {
      context.keeper.protect(call, () => {
        this.open(relay, forwarded, onward);
      });
      return;
    }
    if (applied.changed && !call.setup) context.keeper.keep(call, false);
    this.open(relay, forwarded, onward);
  }

  private open(relay: Relay, forwarded: ForwardedRequest, flow: Flow): void {
    const { call, server } = relay;
    const { method } = server.request;
    if (method === 'BYE') call.ending = true;
    const user = {
      response: (message: SipMessage): void => {
        this.receiveResponse(relay, message);
      },
      failed: (cause: 'timeout' | 'transport'): void => {
        this.failed(relay, cause);
      },
    };
    if (method !== 'INVITE') {
      this.context.transactions.openClient(
        { text: forwarded.text, method, branch: forwarded.branch, flow },
        user,
      );
      return;
    }
    const invite = new Cancellable(this.context, forwarded.text, flow, RINGING_LIMIT_MS);
    server.cancel = () => {
      if (!invite.cancel(server.request)) invite.cancelWhenPossible();
    };
    invite.send(forwarded.branch, user);
  }

  private receiveResponse(relay: Relay, response: SipMessage): void {
    const { call, server } = relay;
    if (response.status === 100) return;
    if (call.gate) {
      call.gate.push(() => {
        this.receiveResponse(relay, response);
      });
      return;
    }
    const instead = this.isolatedAnswer(relay, response);
    if (instead !== undefined) {
      this.giveUp(relay);
      refuse(this.context, server, instead);
      return;
    }
    const { text, applied } = this.translate(relay, response);
    const deliver = (): void => {
      this.context.transactions.respond(server, response.status, text);
    };
    if (applied.ends) {
      deliver();
      this.end(call, server.request.method === 'BYE' ? 'bye' : 'lost');
    } else if (applied.completesOfferAnswer && !call.setup) {
      this.context.keeper.protect(call, deliver);
    } else {
      if (applied.changed && !call.setup) this.context.keeper.keep(call, false);
      deliver();
    }
    if (response.method === 'BYE') delete call.ending;
    if (refreshesTarget(response)) this.watch.answered(call, otherLeg(relay.from));
  }

  /**
   * An isolated pod's CSeq may lie below what the new owner used: the 500 that says so is not the endpoint's answer
   * (OWNERSHIP section 4).
   */
  private isolatedAnswer({ call, server }: Relay, response: SipMessage): number | undefined {
    if (response.status !== 500 || call.setup || this.context.mesh.mayAct(call.record.tag)) return undefined;
    const { method } = server.request;
    if (method === 'INVITE' || method === 'UPDATE') return 491;
    if (method !== 'BYE') return undefined;
    this.end(call, 'bye');
    return 200;
  }

  private translate(
    { call, from, server, back }: Relay,
    response: SipMessage,
  ): { text: string; applied: Applied } {
    const { request } = server;
    const exchange = { response, request, vias: request.list(H.Via) };
    const text = forwardResponse(call.record, otherLeg(from), exchange, back);
    const nowMs = this.context.wallMs();
    return { text, applied: applyResponse(call.record, otherLeg(from), exchange, { text, nowMs }) };
  }

  private failed(relay: Relay, cause: 'timeout' | 'transport'): void {
    const { call, server } = relay;
    const { method } = server.request;
    this.giveUp(relay);
    if (method === 'BYE') {
      // The endpoint that hangs up has done its part; the other one cannot be told.
      refuse(this.context, server, 200);
      this.end(call, 'unreachable');
    } else if (cause === 'timeout' && method !== 'INVITE') {
      // RFC 4320 §4.2: no 408 to a non-INVITE request; its sender has given up by now.
      this.context.transactions.abandon(server);
    } else {
      refuse(this.context, server, cause === 'timeout' ? 408 : 503);
    }
  }

  private end(call: Call, cause: EndCause): void {
    this.watch.ended(call);
    this.context.keeper.end(call, cause);
  }

  /** The other endpoint will not answer this one. */
  private giveUp({ call, from, server }: Relay): void {
    const { changed } = applyNoResponse(call.record, from, server.request);
    if (changed && !call.setup) this.context.keeper.keep(call, false);
  }

  private acknowledge(call: Call, from: LegIndex, ack: SipMessage, flow: Flow): void {
    const { context } = this;
    context.nextHops.ofLeg(call.record.legs[otherLeg(from)], (onward) => {
      const legHop = context.listeners.hop(onward.listener, onward.transport);
      if (!legHop) return;
      const hop = { ...legHop, branch: context.newBranch() };
      const forwarded = forwardRequest(call.record, from, ack, hop);
      const peer = { address: flow.address, port: flow.port };
      const applied = applyRequest(call.record, from, ack, { ...forwarded, vias: [], peer });
      this.watch.reached(call, from, ack);
      const deliver = (): void => {
        context.send(onward, forwarded.text);
      };
      if (applied.completesOfferAnswer) {
        context.keeper.protect(call, deliver);
        return;
      }
      if (applied.changed) context.keeper.keep(call, false);
      deliver();
    });
  }
}

/** The tag by which an early dialog is known to the endpoint of this leg. */
function early(from: LegIndex, request: SipMessage): string {
  return from === 0 ? request.toTag : request.fromTag;
}

/** RFC 3261 §12.2.1.2: a 2xx to a target refresh request takes the new target. */
function refreshesTarget({ status, method }: SipMessage): boolean {
  return status >= 200 && status < 300 && (method === 'INVITE' || method === 'UPDATE');
}
