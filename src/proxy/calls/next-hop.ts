import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Leg } from '../../dialog/record.ts';
import { nextHopUri } from '../../dialog/route-set.ts';
import { parseUri } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

const DEFAULT_PORT = 5060;
/** How long a resolved name is used, in ms. */
const NAME_LIFETIME_MS = 30_000;
/** Names kept at most: endpoints choose them. */
const MAX_NAMES = 1000;

/** What next hops need of the transports. */
export interface Connections {
  /** Whether a live connection of that listener ends at this address and port. */
  hasConnection(listener: string, address: string, port: number): boolean;
}

/** Finds where a request to a leg's endpoint is sent: its first Route or its remote target (RFC 3261 §8.1.2). */
export class NextHops {
  private readonly connections: Connections;
  private readonly nowMs: () => number;
  private readonly names = new Map<string, { address: string; untilMs: number }>();

  constructor(connections: Connections, nowMs: () => number) {
    this.connections = connections;
    this.nowMs = nowMs;
  }

  /**
   * The flow to a leg's endpoint, known at once for literal addresses and names resolved before. A connection that the
   * endpoint opened is used as long as it lives; a name that does not resolve falls back to where the leg came from.
   */
  ofLeg(leg: Leg, use: (flow: Flow) => void): void {
    const { listener, transport, peer } = leg;
    if (transport !== 'UDP' && this.connections.hasConnection(listener, peer.address, peer.port)) {
      use({ listener, transport, address: peer.address, port: peer.port });
      return;
    }
    const { host, port } = hostPortOf(nextHopUri(leg));
    const known = this.resolved(host);
    if (known !== undefined) use({ listener, transport, address: known, port });
    else
      this.resolve(host, peer.address, (address) => {
        use({ listener, transport, address, port });
      });
  }

  private resolved(host: string): string | undefined {
    if (isIP(host) !== 0) return host;
    const name = this.names.get(host);
    return name && name.untilMs > this.nowMs() ? name.address : undefined;
  }

  private resolve(host: string, fallback: string, use: (address: string) => void): void {
    // To the resolver an empty name is this machine's.
    if (host === '') {
      use(fallback);
      return;
    }
    lookup(host).then(
      ({ address }) => {
        this.remember(host, address);
        use(address);
      },
      () => {
        use(fallback);
      },
    );
  }

  /** The name resolved longest ago makes room. */
  private remember(host: string, address: string): void {
    this.names.delete(host);
    const [oldest] = this.names.keys();
    if (oldest !== undefined && this.names.size >= MAX_NAMES) this.names.delete(oldest);
    this.names.set(host, { address, untilMs: this.nowMs() + NAME_LIFETIME_MS });
  }
}

function hostPortOf(text: string): { host: string; port: number } {
  const uri = parseUri(text);
  if (!uri) return { host: '', port: DEFAULT_PORT };
  return { host: uri.host.replace(/^\[|\]$/g, ''), port: uri.port ?? DEFAULT_PORT };
}
