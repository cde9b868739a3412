import type { TimerEntry } from '../../runtime/timing-wheel.ts';
import { parseMessage, SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { CallContext } from './context.ts';
import { decodePodMessage, encodePodMessage, type PodMessage, type RecordCopy } from './pod-message.ts';

/** Longest wait for the peers' word on an offered message, in ms. */
const OFFER_LIMIT_MS = 500;

interface Offer {
  waitsFor: Set<string>;
  declined: () => void;
  timer: TimerEntry;
}

/** What a message from another pod can ask of this pod's calls. */
export interface PeerRequests {
  /** A message for a dialog of this pod's. */
  handle(message: string, flow: Flow): void;
  /** Takes an offered message; false if it matches nothing here. */
  takeOffered(message: string, flow: Flow): boolean;
  /** A call in which another pod finishes an exchange, or has finished it. */
  adopt(from: string, copy: RecordCopy): void;
  /** A call of whose end another pod has taken care. */
  ended(tag: string, id: string): void;
}

/** The other pods, as the call engine talks to them: messages handed on, offered, emitted and taken in. */
export class Peers {
  private readonly context: CallContext;
  private readonly requests: PeerRequests;
  private readonly offers = new Map<number, Offer>();
  private lastOffer = 0;

  constructor(context: CallContext, requests: PeerRequests) {
    this.context = context;
    this.requests = requests;
  }

  /** Hands a message to the pod that owns its dialog, with this pod's record of it; false when it cannot be reached. */
  handOn(pod: string, message: SipMessage, flow: Flow, record: RecordCopy | undefined): boolean {
    const sent = this.send(pod, { kind: 'handle', flow, text: message.text, ...(record && { record }) });
    if (!sent) return false;
    this.context.metrics.forwardedMessages.inc();
    // What came from another pod is that pod's to follow.
    if (flow.via === undefined) this.context.handedOn.note(pod, message, flow, this.context.monotonicMs());
    return true;
  }

  /** Asks every other pod whether the message is theirs; `declined` runs when none of them wants it. */
  offer(message: SipMessage, flow: Flow, declined: () => void): void {
    const offerId = ++this.lastOffer;
    const offer = encodePodMessage({ kind: 'offer', offerId, flow, text: message.text });
    const asked = this.context.mesh.alivePods().filter((pod) => this.context.mesh.send(pod, offer));
    if (asked.length === 0) {
      declined();
      return;
    }
    const timer = this.context.wheel.set(OFFER_LIMIT_MS, () => {
      this.settle(offerId, declined);
    });
    this.offers.set(offerId, { waitsFor: new Set(asked), declined, timer });
  }

  /** Sends by a flow of another pod; false when that pod cannot be reached. */
  emit(pod: string, flow: Flow, text: string): boolean {
    return this.send(pod, { kind: 'emit', flow: withoutVia(flow), text });
  }

  /** A payload that came from another pod. */
  receive(from: string, payload: Uint8Array): void {
    const message = decodePodMessage(payload);
    if (message === undefined) this.context.metrics.drops.inc({ reason: 'pod_message' });
    else this.take(from, message);
  }

  private take(from: string, message: PodMessage): void {
    switch (message.kind) {
      case 'handle':
        if (message.record) this.context.mesh.merge(message.record);
        // Handed on once more, it is still answered by the pod that it reached first.
        this.requests.handle(message.text, { ...message.flow, via: message.flow.via ?? from });
        return;
      case 'offer':
        if (!this.requests.takeOffered(message.text, { ...message.flow, via: from }))
          this.send(from, { kind: 'decline', offerId: message.offerId });
        return;
      case 'decline':
        this.declined(from, message.offerId);
        return;
      case 'emit':
        this.noteAnswer(message.text);
        this.context.send(withoutVia(message.flow), message.text);
        return;
      case 'adopt':
        this.requests.adopt(from, message.record);
        return;
      case 'ended':
        this.requests.ended(message.tag, message.id);
        return;
      case 'leaving':
        this.context.leavers.note(from, message.hasCalls);
    }
  }

  /** The other pod answers what this one gave it. */
  private noteAnswer(text: string): void {
    if (this.context.handedOn.size === 0) return;
    const message = parseMessage(text);
    if (message instanceof SipMessage && !message.isRequest) this.context.handedOn.answered(message);
  }

  private send(pod: string, message: Parameters<typeof encodePodMessage>[0]): boolean {
    return this.context.mesh.send(pod, encodePodMessage(message));
  }

  private declined(from: string, offerId: number): void {
    const offer = this.offers.get(offerId);
    if (!offer?.waitsFor.delete(from) || offer.waitsFor.size > 0) return;
    this.context.wheel.clear(offer.timer);
    this.settle(offerId, offer.declined);
  }

  private settle(offerId: number, declined: () => void): void {
    if (this.offers.delete(offerId)) declined();
  }
}

function withoutVia({ listener, transport, address, port }: Flow): Flow {
  return { listener, transport, address, port };
}
