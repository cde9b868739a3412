import type { LegHop } from '../dialog/hop.ts';
import type { Transport } from '../dialog/record.ts';
import type { ProxyConfig } from '../api/proxy-config.ts';

/** What endpoints see of each listener: the addresses for Via and Contact. */
export class Listeners {
  private readonly hops = new Map<string, LegHop>();
  private readonly own = new Set<string>();

  constructor(config: Pick<ProxyConfig, 'listeners'>) {
    this.replace(config.listeners);
  }

  /** From now on endpoints see these. */
  replace(listeners: ProxyConfig['listeners']): void {
    this.hops.clear();
    this.own.clear();
    for (const listener of listeners) {
      const { address, port } = listener.advertise;
      const hostPort = `${bracketed(address)}:${String(port)}`;
      this.own.add(hostPort);
      for (const transport of listener.transports) {
        this.hops.set(keyOf(listener.name, transport), { transport, sentBy: hostPort, contact: hostPort });
      }
    }
  }

  /** Undefined when this pod has no such listener, or not on that transport. */
  hop(listener: string, transport: Transport): LegHop | undefined {
    return this.hops.get(keyOf(listener, transport));
  }

  /** Whether a URI names one of this pod's advertised addresses. */
  isOwnUri(uri: string): boolean {
    const host = uri.slice(uri.lastIndexOf('@') + 1).replace(/^sips?:/i, '');
    const end = host.search(/[;?]/);
    const hostPort = end < 0 ? host : host.slice(0, end);
    return this.own.has(hostPort) || this.own.has(`${hostPort}:5060`);
  }
}

function keyOf(listener: string, transport: Transport): string {
  return `${listener} ${transport}`;
}

/** IPv6 literals stand in brackets in SIP (RFC 3261 §25.1, IPv6reference). */
export function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
