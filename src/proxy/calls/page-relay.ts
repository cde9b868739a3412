import { viaOf } from '../../dialog/hop.ts';
import { H, MessageEdit, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { ServerHandle } from '../transactions.ts';
import type { Destination } from './call-setup.ts';
import type { CallContext } from './context.ts';
import { refuse } from './refuse.ts';

const NEXT_TARGET = new Set([408, 503]);

/** A MESSAGE outside any dialog (RFC 3428) on its way to the first target that answers. */
export class PageRelay {
  private readonly context: CallContext;
  private readonly server: ServerHandle;
  private readonly destination: Destination;
  private nextTarget = 0;

  constructor(context: CallContext, server: ServerHandle, destination: Destination) {
    this.context = context;
    this.server = server;
    this.destination = destination;
  }

  start(): void {
    this.tryNext(503);
  }

  private tryNext(fallback: number): void {
    const target = this.destination.hops[this.nextTarget++];
    const legHop = target && this.context.listeners.hop(target.listener, target.transport);
    if (!target || !legHop) {
      refuse(this.context, this.server, fallback);
      return;
    }
    const branch = this.context.newBranch();
    const flow: Flow = {
      listener: target.listener,
      transport: target.transport,
      address: target.peer.address,
      port: target.peer.port,
    };
    const text = this.forward(viaOf({ ...legHop, branch }));
    this.context.transactions.openClient(
      { text, method: 'MESSAGE', branch, flow },
      {
        response: (message) => {
          this.receive(message);
        },
        failed: () => {
          this.tryNext(fallback);
        },
      },
    );
  }

  private forward(via: string): string {
    const { request } = this.server;
    const edit = new MessageEdit(request);
    edit.requestLine('MESSAGE', this.destination.requestUri);
    edit.setAll(H.Via, [via]);
    edit.set(H.MaxForwards, String(Math.max(0, Number(request.get(H.MaxForwards) ?? 71) - 1)));
    for (const header of [H.RecordRoute, H.Route, H.ProxyRequire, H.Contact]) edit.remove(header);
    return edit.toString();
  }

  private receive(response: SipMessage): void {
    if (response.status < 200) return;
    if (NEXT_TARGET.has(response.status) && this.nextTarget < this.destination.hops.length) {
      this.tryNext(response.status);
      return;
    }
    const edit = new MessageEdit(response);
    edit.setAll(H.Via, this.server.request.list(H.Via));
    for (const header of [H.RecordRoute, H.Contact]) edit.remove(header);
    this.context.transactions.respond(this.server, response.status, edit.toString());
  }
}
