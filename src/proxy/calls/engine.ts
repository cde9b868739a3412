import { tokenOfUri, type ParsedToken } from '../../dialog/token.ts';
import { parseMessage, SipMessage, validateRequest, validateResponse } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { noteFailure } from './failure.ts';
import { InDialog, type RehomeWatch } from './in-dialog.ts';
import type { Place } from './new-calls.ts';
import { OutOfDialog } from './out-of-dialog.ts';
import { Peers, type PeerRequests } from './peers.ts';
import { refuse, refuseStateless } from './refuse.ts';
import { responseFlow, withSource } from './source.ts';
import { EXTENSIONS } from './capabilities.ts';
import { copyOf } from './keeper.ts';

const RELAYED = { extensions: EXTENSIONS, isRelayed: true };
const ANSWERED = { extensions: EXTENSIONS, isRelayed: false };
const AS_USER_AGENT = { isUserAgent: true };
const HERE: Place = { kind: 'here' };
/** How long a new call waits for a tag that is being handed over, in ms; then its caller may try elsewhere. */
const NEW_CALL_WAIT_MS = 2_000;

/** Takes every message that reaches the pod, finds out whose it is, and gives it to the part that acts on it. */
export class CallEngine {
  private readonly context: CallContext;
  private readonly peers: Peers;
  private readonly inDialog: InDialog;
  private readonly outOfDialog: OutOfDialog;

  constructor(context: CallContext, watch: RehomeWatch, given: Pick<PeerRequests, 'adopt' | 'ended'>) {
    this.context = context;
    this.inDialog = new InDialog(context, watch);
    this.outOfDialog = new OutOfDialog(context);
    this.peers = new Peers(context, {
      handle: (text, flow) => {
        this.receive(text, flow);
      },
      takeOffered: (text, flow) => this.takeOffered(text, flow),
      ...given,
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
    for (const { message, flow } of this.context.held.take(tag, this.context.monotonicMs()))
      this.takeUp(message, flow);
  }

  /** A pod died: what it was given and has not answered is taken up again. */
  podDied(pod: string): void {
    for (const { message, flow } of this.context.handedOn.take(pod, this.context.monotonicMs()))
      this.takeUp(message, flow);
  }

  /** One of several requests that waited: the others are taken up whatever this one meets. */
  private takeUp(request: SipMessage, flow: Flow): void {
    try {
      this.receiveRequest(request, flow);
    } catch (error) {
      noteFailure(this.context, 'MESSAGE_FAILED', error);
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
    } else {
      this.receiveNew(request, flow);
    }
  }

  /** A request outside any dialog: a new call may belong at another pod, which takes it by this pod's socket. */
  private receiveNew(request: SipMessage, flow: Flow): void {
    const group = request.method === 'INVITE' ? this.outOfDialog.groupOf(request, flow) : undefined;
    const place = group === undefined ? HERE : this.placeOf(request, group, flow.via !== undefined);
    if (!this.passOn(place, request, flow)) this.outOfDialog.receive(request, flow);
  }

  /** False if this pod has to answer. */
  private passOn(place: Place, request: SipMessage, flow: Flow): boolean {
    const { held } = this.context;
    if (place.kind === 'here' || place.kind === 'nowhere') return false;
    // Pods that disagree on the owners pass a call on at the pace of held messages.
    const mayHandOn = place.kind === 'pod' && (flow.via === undefined || held.knows(request));
    // A pod that has just started knows of others before it has a stream with them.
    if (mayHandOn && this.peers.handOn(place.pod, request, flow, undefined)) return true;
    const nowMs = this.context.monotonicMs();
    if (held.waitedMs(request, nowMs) > NEW_CALL_WAIT_MS) return false;
    held.hold(place.tag, { message: request, flow }, nowMs);
    return true;
  }

  /** A repeat of an INVITE goes where the first went. */
  private placeOf(request: SipMessage, group: string, handed: boolean): Place {
    const { handedOn, mesh, newCalls } = this.context;
    const pod = handedOn.podOf(request);
    if (pod !== undefined && mesh.isAlive(pod)) return { kind: 'pod', pod, tag: '' };
    return newCalls.place(group, request.callId, handed);
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
    const tag = call?.record.tag ?? this.tagOf(token);
    if (call && this.isHandledHere(call)) this.inDialog.receive(call, request, flow);
    else if (tag !== undefined) this.sendToOwner(tag, request, flow, call);
    else if (token) this.refuseUnknown(request, flow);
    else this.offer(request, flow);
  }

  /** Undefined for a token that no pod of this cluster made. */
  private tagOf(token: ParsedToken | undefined): string | undefined {
    if (token === undefined || !this.context.isOwnToken(token.id)) return undefined;
    return this.context.tags.find(token.tagHash);
  }

  /** A call with an exchange under way stays with the pod that carries it out; all others are their tag owner's. */
  private isHandledHere({ record, awaits, finishingUntilMs }: Call): boolean {
    if (record.state === 'early' || finishingUntilMs !== undefined) return true;
    return awaits === undefined && this.ownsReady(record.tag);
  }

  private ownsReady(tag: string): boolean {
    const { mesh, pod } = this.context;
    return mesh.ownerOf(tag)?.pod === pod && mesh.isReady(tag);
  }

  private sendToOwner(tag: string, request: SipMessage, flow: Flow, call: Call | undefined): void {
    if (!call && this.ownsReady(tag)) this.refuseUnknown(request, flow);
    else if (!this.handOn(tag, request, flow, call))
      this.context.held.hold(tag, { message: request, flow }, this.context.monotonicMs());
  }

  /** Hands a message to its tag's owner, with this pod's record of the call; false if it has to be held for now. */
  private handOn(tag: string, request: SipMessage, flow: Flow, call: Call | undefined): boolean {
    const { mesh, pod, held } = this.context;
    const owner = mesh.ownerOf(tag)?.pod;
    if (owner === undefined || owner === pod || flow.via === owner || !mesh.isAlive(owner)) return false;
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
