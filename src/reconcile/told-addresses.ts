import type { HostPort } from '../api/address.ts';
import type { ClusterListener } from '../api/sip-cluster-type.ts';
import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** What a pod's listeners advertise that only its node can say, by their names; undefined if there are none. */
export function toldAddresses(world: World, pod: PodView): Record<string, HostPort> | undefined {
  const listeners = toldListeners(world);
  const address = externalAddress(world, pod);
  if (listeners.length === 0 || address === undefined) return undefined;
  const offset = pod.ordinal * world.spec.portStep;
  return Object.fromEntries(
    listeners.map(({ name, port, advertise }) => [name, { address, port: advertise.port ?? port + offset }]),
  );
}

/** Nodes of pods that have no external address though listeners are to advertise it, one text each. */
export function addressProblems(world: World): string[] {
  if (toldListeners(world).length === 0) return [];
  const pods = world.pods.filter(({ dead, node }) => !dead && node !== '');
  const without = pods.filter((pod) => externalAddress(world, pod) === undefined).map(({ node }) => node);
  return [...new Set(without)].map((node) => `node ${node} has no ExternalIP for listeners to advertise`);
}

function toldListeners({ spec }: World): ClusterListener[] {
  return spec.listeners.filter(({ advertise }) => advertise.from === 'NodeExternalIP');
}

/** Of the pod's own family if the node has one. */
function externalAddress({ observed }: World, { node, object }: PodView): string | undefined {
  const found = observed.nodes.find(({ metadata }) => metadata.name === node);
  const all = found?.externalAddresses ?? [];
  const isSix = object.podIP.includes(':');
  return all.find((address) => address.includes(':') === isSix) ?? all[0];
}
