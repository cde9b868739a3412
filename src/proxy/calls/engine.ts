import { tagHash, tokenOfUri, type ParsedToken } from '../../dialog/token.ts';
import { parseMessage, SipMessage, validateRequest, validateResponse } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { InDialog, type RehomeWatch } from './in-dialog.ts';
import { OutOfDialog } from './out-of-dialog.ts';
import { Peers } from './peers.ts';
import { refuse, refuseStateless } from './refuse.ts';
import { responseFlow, withSource } from './source.ts';
import type { RecordCopy } from './pod-message.ts';
import { EXTENSIONS } from './capabilities.ts';
import { copyOf } from './keeper.ts';

const RELAYED = { extensions: EXTENSIONS, isRelayed: true };
const ANSWERED = { extensions: EXTENSIONS, isRelayed: false };
const AS_USER_AGENT = { isUserAgent: true };

/** Takes every message that reaches the pod, finds out whose it is, and gives it to the part that acts on it. */
export class CallEngine {
  private readonly context: CallContext;
  private readonly peers: Peers;
  private readonly inDialog: InDialog;
  private readonly outOfDialog: OutOfDialog;
  private readonly tagsByHash: Map<string, string>;

  constructor(context: CallContext, watch: RehomeWatch, adopt: (copy: RecordCopy) => void) {
    this.context = context;
    this.inDialog = new InDialog(context, watch);
    this.outOfDialog = new OutOfDialog(context);
    this.tagsByHash = new Map(context.config.shards.map((tag) => [tagHash(tag), tag]));
    this.peers = new Peers(context, {
      handle: (text, flow) => {
        this.receive(text, flow);
      },
      takeOffered: (text, flow) => this.takeOffered(text, flow),
      adopt,
    });
  }

  /** A payload of another pod. */
  receivePayload(from: string, payload: Uint8Array): void {
    this.peers.receive(from, payload);
  }

  /** Sends by a flow of another pod. */
  emit(pod: string, flow: Flow, text: string): boolean {
    return this.peers.emit(pod, flow, text);
  }

  /** One message as it came, from a socket or another pod. */
  receive(text: string, flow: Flow): void {
    const message = parseMessage(text);
    if (!(message instanceof SipMessage)) {
      this.context.metrics.drops.inc({ reason: message.code });
      return;
    }
    if (message.isRequest) this.receiveFrom(withSource(message, flow), flow);
    else this.receiveResponse(message);
  }

  /** Takes up what was held for a tag. */
  releaseHeld(tag: string): void {
    for (const { message, flow } of this.context.held.take(tag, this.context.monotonicMs())) {
      this.receiveRequest(message, flow);
    }
  }

  private receiveFrom(request: SipMessage, flow: Flow): void {
    this.receiveRequest(request, responseFlow(request, flow));
  }

  private receiveResponse(response: SipMessage): void {
    if (!validateResponse(response, AS_USER_AGENT).ok) {
      this.context.metrics.drops.inc({ reason: 'invalid_response' });
    } else if (!this.context.transactions.receiveResponse(response)) {
      this.context.metrics.drops.inc({ reason: 'stray_response' });
    }
  }

  private receiveRequest(request: SipMessage, flow: Flow): void {
    const { transactions, metrics } = this.context;
    if (transactions.receiveRequest(request)) return;
    const isForPod = request.method === 'OPTIONS' && request.toTag === '';
    const verdict = validateRequest(request, isForPod ? ANSWERED : RELAYED);
    if (!verdict.ok) {
      metrics.drops.inc({ reason: 'invalid_request' });
      refuseStateless(this.context, request, flow, verdict);
    } else if (request.method === 'CANCEL') {
      this.cancel(request, flow);
    } else if (request.toTag || !this.isForThisPod(request)) {
      this.receiveInDialog(request, flow);
    } else if (!this.giveToOwner(request, flow)) {
      this.outOfDialog.receive(request, flow);
    }
  }

  /** A pod without a tag takes no calls of its own: a pod that has one does, by this pod's socket. */
  private giveToOwner(request: SipMessage, flow: Flow): boolean {
    const { mesh, pod, config } = this.context;
    if (request.method !== 'INVITE' || flow.via !== undefined || mesh.ownedTags().length > 0) return false;
    const alive = new Set(mesh.alivePods());
    const owners = config.shards
      .map((tag) => mesh.ownerOf(tag)?.pod ?? pod)
      .filter((owner) => alive.has(owner));
    // A repeat of the INVITE must find the same pod.
    const owner = owners[parseInt(tagHash(request.callId), 16) % owners.length];
    return owner !== undefined && this.peers.handOn(owner, request, flow, undefined);
  }

  /** An attended transfer's INVITE names a dialog by its token: only the dialog's owner knows whom it is for. */
  private isForThisPod(request: SipMessage): boolean {
    if (request.method !== 'INVITE') return true;
    const token = tokenOfUri(request.requestUri);
    return token === undefined || this.context.calls.get(token.id) !== undefined;
  }

  private receiveInDialog(request: SipMessage, flow: Flow): void {
    const token = tokenOfUri(request.requestUri);
    const call = token ? this.context.calls.get(token.id) : this.context.calls.findByTags(request);
    if (call && this.isHandledHere(call)) {
      this.inDialog.receive(call, request, flow);
    } else if (token) {
      this.sendToOwner(token, request, flow, call);
    } else {
      this.offer(request, flow);
    }
  }

  /** A call that is being set up stays with the pod that sets it up; an answered one is its tag owner's. */
  private isHandledHere(call: Call): boolean {
    const { mesh, pod } = this.context;
    const { tag, state } = call.record;
    return state === 'early' || (mesh.ownerOf(tag)?.pod === pod && mesh.isReady(tag));
  }

  private sendToOwner(token: ParsedToken, request: SipMessage, flow: Flow, call: Call | undefined): void {
    const { mesh, pod, held } = this.context;
    const tag = this.tagsByHash.get(token.tagHash);
    const isKnown = tag !== undefined && this.context.isOwnToken(token.id);
    if (!isKnown || (mesh.ownerOf(tag)?.pod === pod && mesh.isReady(tag))) this.refuseUnknown(request, flow);
    else if (!this.handOn(tag, request, flow, call))
      held.hold(tag, { message: request, flow }, this.context.monotonicMs());
  }

  /** Hands a message to its tag's owner, with this pod's record of the call; false if it has to be held for now. */
  private handOn(tag: string, request: SipMessage, flow: Flow, call: Call | undefined): boolean {
    const { mesh, pod, held } = this.context;
    const owner = mesh.ownerOf(tag)?.pod;
    if (owner === undefined || owner === pod || flow.via === owner) return false;
    // Pods that disagree on the owner pass a message on at the pace of held ones, not of the mesh.
    if (flow.via !== undefined && !held.knows(request)) return false;
    return this.peers.handOn(owner, request, flow, call && copyOf(call));
  }

  private offer(request: SipMessage, flow: Flow): void {
    if (flow.via !== undefined) return;
    this.peers.offer(request, flow, () => {
      this.refuseUnknown(request, flow);
    });
  }

  private takeOffered(text: string, flow: Flow): boolean {
    const message = parseMessage(text);
    if (!(message instanceof SipMessage) || !message.isRequest) return false;
    if (this.context.transactions.receiveRequest(message)) return true;
    if (message.method === 'CANCEL') return this.cancelHere(message, flow);
    const call = this.context.calls.findByTags(message);
    if (!call || !this.isHandledHere(call)) return false;
    this.inDialog.receive(call, message, flow);
    return true;
  }

  private cancel(cancel: SipMessage, flow: Flow): void {
    if (!this.cancelHere(cancel, flow)) this.offer(cancel, flow);
  }

  private cancelHere(cancel: SipMessage, flow: Flow): boolean {
    const { transactions } = this.context;
    const invite = transactions.findCancelled(cancel);
    if (!invite) return false;
    const server = transactions.openServer(cancel, flow);
    if (server) refuse(this.context, server, 200);
    invite.cancel?.();
    return true;
  }

  private refuseUnknown(request: SipMessage, flow: Flow): void {
    if (request.method === 'ACK') {
      this.context.metrics.drops.inc({ reason: 'stray_ack' });
      return;
    }
    const server = this.context.transactions.openServer(request, flow);
    if (server) refuse(this.context, server, 481);
  }
}
