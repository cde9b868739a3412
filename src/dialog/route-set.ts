import type { Leg } from './record.ts';

/** Request-URI and Route values of an in-dialog request. */
export interface RoutedTarget {
  requestUri: string;
  routes: string[];
}

const LOOSE = /;\s*lr(?=[;=>\s]|$)/i;
/** What a Request-URI must not carry (RFC 3261 §19.1.1). */
const NOT_IN_REQUEST_URI = /;\s*method=[^;?]*|\?.*$/gi;

/** Where a request to this leg's endpoint is addressed (RFC 3261 §12.2.1.1), strict routers included. */
export function routedTarget(leg: Leg): RoutedTarget {
  const [first] = leg.routeSet;
  if (first === undefined || LOOSE.test(uriOfRoute(first))) {
    return { requestUri: leg.remoteTarget, routes: leg.routeSet };
  }
  return {
    requestUri: uriOfRoute(first).replace(NOT_IN_REQUEST_URI, ''),
    routes: [...leg.routeSet.slice(1), `<${leg.remoteTarget}>`],
  };
}

/** The URI that names the next hop of a request to this leg's endpoint (RFC 3261 §8.1.2). */
export function nextHopUri(leg: Leg): string {
  const [first] = leg.routeSet;
  return first === undefined ? leg.remoteTarget : uriOfRoute(first);
}

/** The URI in a Route or Record-Route value. */
function uriOfRoute(route: string): string {
  const open = route.lastIndexOf('<');
  return open < 0 ? route.trim() : route.slice(open + 1, route.indexOf('>', open));
}
