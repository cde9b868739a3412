import type { TargetAddress, TargetBalance, TargetConfig } from '../api/proxy-config-type.ts';
import type { ClusterTarget, SipClusterSpec, TargetService } from '../api/sip-cluster-type.ts';
import { CREDENTIALS_DIRECTORY } from './config-map.ts';
import type { ObservedEndpoint, ObservedService } from './observed.ts';
import { compareText } from './pod-view.ts';
import type { World } from './world.ts';

/** `namespace/name` of a target's Service. */
export function serviceKey({ name, namespace }: TargetService, ofCluster: string | undefined): string {
  return `${namespace ?? ofCluster ?? ''}/${name}`;
}

/** The targets as pods are told of them: addresses of a Service are those of its ready endpoints. */
export function toldTargets(world: World): TargetConfig[] {
  return world.spec.targets.map((target) => ({
    name: target.name,
    addresses: addressesOf(target, world),
    balance: balanceOf(target),
    ...(target.probe !== undefined && { probe: target.probe }),
    ...(target.credentials !== undefined && {
      credentials: { directory: `${CREDENTIALS_DIRECTORY}/${target.credentials.secretName}` },
    }),
  }));
}

/** The targets with the addresses that those of a Service have now, for pods that start while no operator is there. */
export function targetsAtStart(world: World): ClusterTarget[] {
  return world.spec.targets.map((target) =>
    target.service === undefined
      ? target
      : { ...target, addresses: addressesOf(target, world), balance: balanceOf(target) },
  );
}

/** The endpoints of a Service have no order. */
function balanceOf({ balance, service }: ClusterTarget): TargetBalance {
  return balance ?? (service === undefined ? 'Ordered' : 'CallId');
}

/** Whether it is not known yet what a Service has: a pod must not be told that it has nothing. */
export function areTargetsPending(world: World): boolean {
  return world.spec.targets.some((target) => serviceOf(target, world)?.pending === true);
}

/** What keeps targets from having the addresses of their Services, one text each. */
export function targetProblems(world: World): string[] {
  return world.spec.targets.flatMap((target) => {
    const { service, name } = target;
    const observed = serviceOf(target, world);
    if (service === undefined || observed?.pending === true) return [];
    const key = serviceKey(service, world.observed.cluster.metadata.namespace);
    const what = `Service ${key} of target ${name}`;
    if (observed?.problem !== undefined) return [`${what}: ${observed.problem}`];
    if (addressesOf(target, world).length > 0) return [];
    return [`${what} has no ready endpoint with port ${service.port}`];
  });
}

function serviceOf({ service }: ClusterTarget, { observed }: World): ObservedService | undefined {
  if (service === undefined) return undefined;
  return observed.services?.[serviceKey(service, observed.cluster.metadata.namespace)];
}

function addressesOf(target: SipClusterSpec['targets'][number], world: World): TargetAddress[] {
  const { service, addresses } = target;
  if (service === undefined) return [...addresses];
  const observed = serviceOf(target, world);
  if (observed === undefined) return [];
  const matching = observed.endpoints.filter((each) => hasPort(each, service.port, observed));
  // A port of that number for both transports is one for datagrams, as SIP's own default.
  const transport = matching.some((each) => each.transport === 'UDP') ? 'UDP' : 'TCP';
  const found = matching
    .filter((each) => each.transport === transport)
    .map(({ address, port }): TargetAddress => ({ address, port, transport }));
  const unique = new Map(found.map((each) => [`${each.address} ${each.port}`, each]));
  return [...unique].sort(([left], [right]) => compareText(left, right)).map(([, each]) => each);
}

/** Endpoints know a Service's port by its name; of a Service that cannot be seen, by the number that they have themselves. */
function hasPort(endpoint: ObservedEndpoint, port: number | string, { ports }: ObservedService): boolean {
  if (typeof port === 'string') return endpoint.portName === port;
  if (ports === undefined) return endpoint.port === port;
  return ports.some((each) => each.port === port && each.name === endpoint.portName);
}
