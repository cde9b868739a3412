import type { LegStart } from '../../dialog/call-start.ts';
import { otherLeg, type DialogRecord, type LegIndex } from '../../dialog/record.ts';
import { mapReplaces } from '../../dialog/replaces.ts';
import { tokenOfUri } from '../../dialog/token.ts';
import { H, parseUri } from '../../sip/index.ts';
import type { TargetAddress } from '../../api/proxy-config.ts';
import { bracketed } from '../listeners.ts';
import type { Flow } from '../flow.ts';
import type { SipMessage } from '../../sip/index.ts';
import type { ServerHandle } from '../transactions.ts';
import { CallSetup, type Destination } from './call-setup.ts';
import { ALLOW } from './capabilities.ts';
import type { CallContext } from './context.ts';
import { PageRelay } from './page-relay.ts';
import { refuse } from './refuse.ts';

/** Seconds after which a caller may try again when the pod can take no call now. */
const RETRY_AFTER = '5';

/** Requests that belong to no dialog yet. */
export class OutOfDialog {
  private readonly context: CallContext;

  constructor(context: CallContext) {
    this.context = context;
  }

  receive(request: SipMessage, flow: Flow): void {
    if (request.method === 'ACK') {
      this.context.metrics.drops.inc({ reason: 'stray_ack' });
      return;
    }
    const server = this.context.transactions.openServer(request, flow);
    if (server) this.act(server);
  }

  /** The group that a new call's tag must be of; undefined if no route takes the call. */
  groupOf(request: SipMessage, flow: Flow): string | undefined {
    const token = tokenOfUri(request.requestUri);
    const call = token && this.context.calls.get(token.id);
    return call ? this.context.tags.groupOf(call.record.tag) : this.context.routes.find(request, flow)?.group;
  }

  private act(server: ServerHandle): void {
    switch (server.request.method) {
      case 'INVITE':
        this.findDestination(server, (destination) => {
          this.startCall(server, destination);
        });
        return;
      case 'OPTIONS':
        this.answerOptions(server);
        return;
      case 'MESSAGE':
        this.findDestination(server, (destination) => {
          new PageRelay(this.context, server, destination).start();
        });
        return;
      case 'BYE':
      case 'PRACK':
      case 'UPDATE':
      case 'INFO':
      case 'NOTIFY':
        refuse(this.context, server, 481);
        return;
      default:
        refuse(this.context, server, 405);
    }
  }

  /** RFC 3261 §11.2: as an INVITE would be answered, but for one that this pod could only hand on. */
  private answerOptions(server: ServerHandle): void {
    if (this.context.newCalls.turnsAway()) refuse(this.context, server, 503, [[H.RetryAfter, RETRY_AFTER]]);
    else
      refuse(this.context, server, 200, [
        [H.Allow, ALLOW],
        [H.Accept, 'application/sdp'],
      ]);
  }

  private startCall(server: ServerHandle, destination: Destination): void {
    const { flow } = server;
    const callerHop = this.context.listeners.hop(flow.listener, flow.transport);
    const tag = this.context.newCalls.nextTag(destination.group);
    if (!callerHop || tag === undefined || this.context.calls.size >= this.context.config.limits.maxDialogs) {
      refuse(this.context, server, 503, [[H.RetryAfter, RETRY_AFTER]]);
      return;
    }
    new CallSetup(this.context, server, { destination, tag, callerHop }).start();
  }

  /** Answers 404 when no route matches. */
  private findDestination(server: ServerHandle, use: (destination: Destination) => void): void {
    const { request, flow } = server;
    const token = tokenOfUri(request.requestUri);
    const call = token && this.context.calls.get(token.id);
    if (call) {
      this.findEndpoint(request, call.record, token.side === 'a' ? 0 : 1, use);
      return;
    }
    const routing = this.context.routes.find(request, flow);
    if (!routing) {
      refuse(this.context, server, 404);
      return;
    }
    const addresses = this.context.targets.inOrder(
      routing.target,
      routing.addresses,
      request.get(H.CallId) ?? '',
    );
    const hops = addresses.map(({ address, port, transport }): LegStart => ({
      listener: routing.via,
      transport,
      peer: { address, port },
    }));
    use({ requestUri: this.targetUri(request, addresses[0]), hops, group: routing.group });
  }

  /** Attended transfer: an INVITE to a dialog's token goes to the endpoint that the token stands for. */
  private findEndpoint(
    request: SipMessage,
    record: DialogRecord,
    index: LegIndex,
    use: (destination: Destination) => void,
  ): void {
    const leg = record.legs[index];
    const replaces = request.get(H.Replaces);
    const mapped = replaces === undefined ? undefined : mapReplaces(replaces, record, otherLeg(index));
    this.context.nextHops.ofLeg(leg, ({ listener, transport, address, port }) => {
      const hops: LegStart[] = [{ listener, transport, peer: { address, port } }];
      const group = this.context.tags.groupOf(record.tag);
      use({ requestUri: leg.remoteTarget, hops, group, ...(mapped !== undefined && { replaces: mapped }) });
    });
  }

  /** The far side must not see this pod's own address: it becomes the target's. */
  private targetUri(request: SipMessage, target: TargetAddress | undefined): string {
    const { requestUri } = request;
    if (!target || !this.context.listeners.isOwnUri(requestUri)) return requestUri;
    const uri = parseUri(requestUri);
    const user = uri?.user === undefined || uri.user === '' ? '' : `${uri.user}@`;
    return `sip:${user}${bracketed(target.address)}:${String(target.port)}`;
  }
}
