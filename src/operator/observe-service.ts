import type { EndpointSlice, Service } from '../kube/objects.ts';
import type { ObservedEndpoint, ObservedService } from '../reconcile/observed.ts';
import type { WatchedEndpoints } from './endpoint-watches.ts';

/** The Service of a target as the caches have it. */
export interface ServiceObjects {
  endpoints: WatchedEndpoints;
  /** Whether Services of its namespace are in sight. */
  isInSight: boolean;
  service: Service | undefined;
}

/** A Service as the plan wants it. */
export function observeService({ endpoints, isInSight, service }: ServiceObjects): ObservedService {
  const { slices, hasSynced, failure } = endpoints;
  const pending = !hasSynced && failure === undefined;
  // What was read before a failure stays true until something newer is known.
  const problem = problemOf({ endpoints, isInSight, service });
  return {
    pending,
    ...(problem !== undefined && !pending && { problem }),
    ...(service !== undefined && { ports: portsOf(service) }),
    endpoints: slices.flatMap(endpointsOf),
  };
}

function problemOf({ endpoints, isInSight, service }: ServiceObjects): string | undefined {
  if (isInSight && service === undefined) return 'there is no such Service';
  if (!endpoints.hasSynced) return endpoints.failure;
  return endpoints.slices.length === 0 ? 'it has no EndpointSlices' : undefined;
}

function portsOf({ spec }: Service): { name: string; port: number }[] {
  return (spec.ports ?? []).map(({ name = '', port }) => ({ name, port }));
}

/** Ready ones; a condition that is missing is to be taken for ready (discovery.k8s.io/v1). */
function endpointsOf({ addressType, endpoints, ports }: EndpointSlice): ObservedEndpoint[] {
  if (addressType === 'FQDN') return [];
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  const addresses = ready.flatMap((each) => each.addresses);
  return (ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) => {
    if (port === undefined || (protocol !== 'UDP' && protocol !== 'TCP')) return [];
    return addresses.map((address): ObservedEndpoint => ({
      address,
      portName: name,
      port,
      transport: protocol,
    }));
  });
}
