import { applyRequest, applyResponse } from '../../dialog/apply.ts';
import { retargetCall, startCall, type LegStart } from '../../dialog/call-start.ts';
import { confirmCallee, forkOf, noteEarlyDialog, type EarlyDialogs } from '../../dialog/early-dialogs.ts';
import { forwardInvite } from '../../dialog/forward-request.ts';
import { forwardResponse } from '../../dialog/forward-response.ts';
import type { LegHop } from '../../dialog/hop.ts';
import { H, MessageEdit, parseMessage, SipMessage } from '../../sip/index.ts';
import type { TimerEntry } from '../../runtime/timing-wheel.ts';
import type { Flow } from '../flow.ts';
import type { ServerHandle } from '../transactions.ts';
import type { Call } from './call.ts';
import { Cancellable, RINGING_LIMIT_MS } from './cancellable.ts';
import type { CallContext } from './context.ts';
import { endFork } from './pod-bye.ts';
import { refuse } from './refuse.ts';

/** Where a request goes, and the addresses to try in order. */
export interface Destination {
  requestUri: string;
  /** Value of Replaces in the words of the endpoint there, where the INVITE has one. */
  replaces?: string;
  hops: readonly LegStart[];
  /** New calls to it get a tag of this group. */
  group: string;
}

/** What a call begins with beside its INVITE. */
export interface NewCall {
  destination: Destination;
  tag: string;
  /** What the caller sees of this pod. */
  callerHop: LegHop;
}

/** How long a target may stay silent before the next one is tried, in ms. */
const SILENCE_LIMIT_MS = 4_000;
const TRYING = 100;
/** Refusals after which the next target may do better. */
const NEXT_TARGET = new Set([408, 503]);

/** One INVITE on its way to one target. */
interface Attempt {
  invite: Cancellable;
  abandoned: boolean;
  silence: TimerEntry | undefined;
}

/** A call from its INVITE to its final answer: tries targets, relays what rings, confirms the dialog. */
export class CallSetup {
  readonly early: EarlyDialogs = [];
  private readonly context: CallContext;
  private readonly server: ServerHandle;
  private readonly destination: Destination;
  private readonly call: Call;
  private readonly callerHop: LegHop;
  private current: Attempt | undefined;
  private nextTarget = 0;
  private cancelled = false;

  constructor(context: CallContext, server: ServerHandle, start: NewCall) {
    this.context = context;
    this.server = server;
    this.destination = start.destination;
    this.callerHop = start.callerHop;
    this.call = { record: this.newRecord(start.tag), setup: this };
  }

  start(): void {
    const { context, server, call } = this;
    context.calls.add(call);
    context.metrics.callsStarted.inc();
    refuse(context, server, TRYING);
    server.cancel = () => {
      this.cancel();
    };
    this.tryNext();
  }

  /** The pod stops, or the caller gave up: the caller gets `status`, the callee a CANCEL. */
  stop(status: number): void {
    this.finish();
    refuse(this.context, this.server, status);
    if (this.current) this.abandon(this.current);
  }

  private newRecord(tag: string): Call['record'] {
    const { context, server, destination } = this;
    const { listener, transport, address, port } = server.flow;
    // Without a From tag (RFC 2543) the callee's requests would have no To tag to be told apart by.
    const masked = context.config.topologyHiding.callId === 'mask' || server.request.fromTag === '';
    return startCall({
      invite: server.request,
      id: context.mint(tag),
      tag,
      epoch: context.mesh.ownerOf(tag)?.epoch ?? 0,
      pod: context.pod,
      callerLeg: { listener, transport, peer: { address, port } },
      calleeLeg: destination.hops[0] ?? { listener, transport, peer: { address, port } },
      requestUri: destination.requestUri,
      nowMs: context.wallMs(),
      ...(masked && { mask: { callId: context.random.hex(32), tag: context.random.hex(16) } }),
    });
  }

  /** Answers the caller when there is no further target. */
  private tryNext(fallback = 503): void {
    const target = this.destination.hops[this.nextTarget++];
    if (!target) {
      this.stop(fallback);
      return;
    }
    const hop = this.context.listeners.hop(target.listener, target.transport);
    if (hop) this.send(target, hop);
    else this.tryNext(fallback);
  }

  private send(target: LegStart, legHop: LegHop): void {
    const { context, server, call } = this;
    const { record } = call;
    const hop = { ...legHop, branch: context.newBranch() };
    record.open = [];
    retargetCall(record, this.destination.requestUri, target);
    const forwarded = forwardInvite(record, server.request, hop);
    applyRequest(record, 0, server.request, {
      ...forwarded,
      vias: server.request.list(H.Via),
      peer: record.legs[0].peer,
    });
    const { listener, transport, peer } = target;
    const flow: Flow = { listener, transport, address: peer.address, port: peer.port };
    const text = withReplaces(forwarded.text, this.destination.replaces);
    const attempt: Attempt = {
      invite: new Cancellable(context, text, flow),
      abandoned: false,
      silence: undefined,
    };
    this.current = attempt;
    this.watch(attempt, SILENCE_LIMIT_MS);
    attempt.invite.send(forwarded.branch, {
      response: (message) => {
        this.receive(attempt, message);
      },
      failed: (cause) => {
        this.failed(attempt, cause);
      },
    });
  }

  private receive(attempt: Attempt, response: SipMessage): void {
    this.stopSilence(attempt);
    const { status } = response;
    if (status < 200 && !attempt.abandoned) this.watch(attempt, RINGING_LIMIT_MS);
    if (attempt.abandoned) {
      if (status >= 200 && status < 300)
        endFork(this.context, forkOf(this.call.record, response), response.cseq);
    } else if (status < 200) {
      if (status > TRYING) this.provisional(response);
    } else if (status < 300) {
      this.success(response);
    } else {
      this.failure(response);
    }
  }

  private provisional(response: SipMessage): void {
    const { call, context, server } = this;
    if (call.gate) {
      call.gate.push(() => {
        this.provisional(response);
      });
      return;
    }
    noteEarlyDialog(this.early, call.record, response);
    const { text, applied } = this.relay(response);
    const deliver = (): void => {
      context.transactions.respond(server, response.status, text);
    };
    deliver();
    if (applied.ends) this.finish();
  }

  private success(response: SipMessage): void {
    const { context, call, server } = this;
    if (call.gate) {
      call.gate.push(() => {
        this.success(response);
      });
      return;
    }
    const answer = confirmCallee(this.early, call.record, response);
    if (answer === 'fork') {
      endFork(context, forkOf(call.record, response), response.cseq);
      return;
    }
    const { text, applied } = this.relay(response);
    const deliver = (): void => {
      context.transactions.respond(server, response.status, text);
    };
    if (!applied.completesOfferAnswer) {
      deliver();
      return;
    }
    delete call.setup;
    context.metrics.callsAnswered.inc();
    context.keeper.protect(call, deliver);
  }

  private failure(response: SipMessage): void {
    if (NEXT_TARGET.has(response.status) && this.hasNext()) {
      this.tryNext();
      return;
    }
    const { text } = this.relay(response);
    this.finish();
    this.context.transactions.respond(this.server, response.status, text);
  }

  private failed(attempt: Attempt, cause: 'timeout' | 'transport'): void {
    this.stopSilence(attempt);
    if (attempt.abandoned) return;
    if (this.cancelled) this.stop(487);
    else this.tryNext(cause === 'timeout' ? 408 : 503);
  }

  private hasNext(): boolean {
    return !this.cancelled && this.nextTarget < this.destination.hops.length;
  }

  private relay(response: SipMessage): { text: string; applied: ReturnType<typeof applyResponse> } {
    const { call, server, context } = this;
    const { request } = server;
    const exchange = { response, request, vias: request.list(H.Via) };
    const text = forwardResponse(call.record, 1, exchange, this.callerHop);
    return { text, applied: applyResponse(call.record, 1, exchange, { text, nowMs: context.wallMs() }) };
  }

  /** RFC 3261 §9.2; a target that has not answered at all cannot be cancelled yet, so the caller is told at once. */
  private cancel(): void {
    if (this.call.record.state !== 'early' || this.cancelled) return;
    this.cancelled = true;
    if (this.current?.invite.cancel(this.server.request) !== true) this.stop(487);
  }

  /** Late answers of this target are cancelled or ended by the pod itself. */
  private abandon(attempt: Attempt): void {
    attempt.abandoned = true;
    this.stopSilence(attempt);
    attempt.invite.cancelWhenPossible();
  }

  /** A target that says nothing more for so long is given up. */
  private watch(attempt: Attempt, limitMs: number): void {
    attempt.silence = this.context.wheel.set(limitMs, () => {
      this.abandon(attempt);
      this.tryNext(408);
    });
  }

  private stopSilence(attempt: Attempt): void {
    if (attempt.silence) this.context.wheel.clear(attempt.silence);
    attempt.silence = undefined;
  }

  private finish(): void {
    this.call.record.state = 'ended';
    delete this.call.setup;
    this.context.calls.remove(this.call);
  }
}

function withReplaces(invite: string, replaces: string | undefined): string {
  const message = replaces === undefined ? undefined : parseMessage(invite);
  return message instanceof SipMessage
    ? new MessageEdit(message).set(H.Replaces, replaces ?? '').toString()
    : invite;
}
