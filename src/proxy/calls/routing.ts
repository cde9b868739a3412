import { BlockList, isIPv6 } from 'node:net';
import type { ProxyConfig, RouteConfig, TargetAddress } from '../../api/proxy-config.ts';
import type { SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** Where a new request goes: the addresses to try in order, and the listener that sends. */
export interface Routing {
  target: string;
  via: string;
  /** New calls get a tag of this group; '' is that of the tags that take any call. */
  group: string;
  addresses: readonly TargetAddress[];
}

interface CompiledRoute {
  from: string;
  requestUri: RegExp | undefined;
  source: BlockList | undefined;
  routing: Routing;
}

/** The routes of a config in order; the first match wins. */
export class RouteTable {
  private routes: readonly CompiledRoute[] = [];

  constructor(config: Pick<ProxyConfig, 'routes' | 'targets'>) {
    this.replace(config);
  }

  /** From now on requests go by these; those under way keep where they go. */
  replace({ routes, targets }: Pick<ProxyConfig, 'routes' | 'targets'>): void {
    this.routes = routes.map((route) => compileRoute(route, targets));
  }

  /** Undefined when no route matches. */
  find(request: SipMessage, flow: Flow): Routing | undefined {
    return this.routes.find((route) => matches(route, request, flow))?.routing;
  }
}

function compileRoute(route: RouteConfig, targets: ProxyConfig['targets']): CompiledRoute {
  const addresses = targets.find((target) => target.name === route.to)?.addresses ?? [];
  return {
    from: route.from,
    requestUri: route.match?.requestUri === undefined ? undefined : globToRegExp(route.match.requestUri),
    source: route.match?.source === undefined ? undefined : networks(route.match.source),
    routing: { target: route.to, via: route.via, group: route.shardGroup ?? '', addresses },
  };
}

function matches(route: CompiledRoute, request: SipMessage, flow: Flow): boolean {
  if (route.from !== flow.listener) return false;
  if (route.requestUri && !route.requestUri.test(userAtHost(request.requestUri))) return false;
  return !route.source || route.source.check(flow.address, isIPv6(flow.address) ? 'ipv6' : 'ipv4');
}

/** `user@host` of a URI: no scheme, port, parameters or headers. */
function userAtHost(uri: string): string {
  const bare = uri.slice(uri.indexOf(':') + 1).split(/[;?]/, 1)[0] ?? '';
  return bare.replace(/:\d+$/, '');
}

/** `*` stands for any characters, everything else for itself; case does not matter. */
function globToRegExp(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}

function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return list;
}
