import { checkReference, checkRouteNames, checkUnique, namesOf } from './checks.ts';
import { checkPodTemplate } from './pod-template-checks.ts';
import { CONTROL_PORT, HTTP_PORT, MESH_PORT } from './pod-ports.ts';
import { advertisedName } from './proxy-config-environment.ts';
import type { Draft, Place } from './schema.ts';
import { metadataKey } from './schema-value.ts';
import type { SipClusterDocument } from './sip-cluster-schema.ts';
import type { ClusterListener } from './sip-cluster-type.ts';

type DraftSpec = Draft<SipClusterDocument>;

const MAX_PORT = 65535;

/** Keys of labels and annotations that the operator sets itself. */
const OWN_PREFIX = 'sip.rehome.dev/';

const POD_SOCKETS: Readonly<Record<string, string>> = {
  [`UDP port ${MESH_PORT}`]: 'the mesh',
  [`TCP port ${MESH_PORT}`]: 'the mesh',
  [`TCP port ${CONTROL_PORT}`]: 'the control API',
  [`TCP port ${HTTP_PORT}`]: 'health and metrics',
};

/**
 * Checks what fields say of each other; what could not be read is passed over, since it is a problem already.
 * `formerFactor`: the number of copies that was good before, for another number of pods perhaps.
 */
export function checkSipClusterSpec(spec: DraftSpec, place: Place, formerFactor: number | undefined): void {
  checkNumbers(spec, place);
  checkFactor(spec, place.key('replication').key('factor'), formerFactor);
  checkPortStep(spec, place.key('portStep'));
  checkListeners(spec, place.key('listeners'));
  checkRouteNames(spec, place);
  checkUnique(namesOf(spec.targets), place.key('targets'), 'name');
  checkTargets(spec, place.key('targets'));
  checkService(spec, place.key('service'));
  const template = place.key('podTemplate');
  checkPodTemplate(spec.podTemplate, template);
  checkKeys(spec.podTemplate?.labels, template.key('labels'));
  checkKeys(spec.podTemplate?.annotations, template.key('annotations'));
  checkKeys(spec.nodeSelector, place.key('nodeSelector'));
  checkKeys(spec.service?.labels, place.key('service').key('labels'));
  checkKeys(spec.service?.annotations, place.key('service').key('annotations'));
}

/** The addresses of a target are written, or those of a Service. */
function checkTargets({ targets }: DraftSpec, place: Place): void {
  for (const [index, target] of (targets ?? []).entries()) {
    if (target?.addresses === undefined) continue;
    const at = place.index(index).key('addresses');
    const hasService = target.service !== undefined || place.index(index).key('service').hasProblem();
    if (hasService && target.addresses.length > 0)
      at.problem('CONFIG_CONFLICT', 'is only for a target without service');
    else if (!hasService && target.addresses.length === 0)
      at.problem('CONFIG_REQUIRED', 'is missing: a target needs addresses, or a service');
  }
}

function checkService({ listeners, service }: DraftSpec, place: Place): void {
  if (service === undefined) return;
  const { type, loadBalancerClass, loadBalancerSourceRanges = [] } = service;
  const needless = `is only for type: LoadBalancer, and type is ${type}`;
  if (type !== undefined && type !== 'LoadBalancer') {
    if (loadBalancerClass !== undefined) place.key('loadBalancerClass').problem('CONFIG_CONFLICT', needless);
    if (loadBalancerSourceRanges.length > 0)
      place.key('loadBalancerSourceRanges').problem('CONFIG_CONFLICT', needless);
  }
  if (listeners === undefined) return;
  const names = namesOf(listeners);
  for (const [index, name] of (service.listeners ?? []).entries())
    checkReference(name, names, 'listener', place.key('listeners').index(index));
}

function checkNumbers({ replicas, shards }: DraftSpec, place: Place): void {
  if (replicas === undefined || shards === undefined || replicas <= shards) return;
  const message = `${replicas} pods cannot share ${shards} tags: raise shards, or ask for fewer`;
  place.key('replicas').problem('CONFIG_CONFLICT', message);
}

function checkFactor({ replicas, replication }: DraftSpec, place: Place, former: number | undefined): void {
  const factor = replication?.factor;
  // One pod alone keeps no copies whatever is asked for, and may get company later.
  if (replicas === undefined || factor === undefined || replicas === 1 || factor < replicas) return;
  if (factor === former) return;
  const message = `must be below replicas, which is ${replicas}: an owner is no standby of its own`;
  place.problem('CONFIG_CONFLICT', message);
}

/** Pods with other ordinals must not come to each other's ports; one more than `replicas` may be there at a time. */
function checkPortStep({ portStep = 0, replicas = 1, listeners = [] }: DraftSpec, place: Place): void {
  if (portStep === 0) return;
  const sockets = [...socketsOfPods(), ...listeners.flatMap((each) => (each ? socketsOf(each) : []))];
  const highest = Math.max(...sockets.map(({ port }) => port)) + portStep * replicas;
  if (highest > MAX_PORT)
    place.problem('CONFIG_CONFLICT', `gives the last pod port ${highest}, and the last one is ${MAX_PORT}`);
  const meeting = sockets
    .flatMap((one) => sockets.map((other) => ({ one, other, apart: (other.port - one.port) / portStep })))
    .find(
      ({ one, other, apart }) =>
        one.transport === other.transport && Number.isInteger(apart) && apart > 0 && apart <= replicas,
    );
  if (meeting === undefined) return;
  const { one, other, apart } = meeting;
  place.problem(
    'CONFIG_CONFLICT',
    `brings ${one.transport} port ${one.port} of pod ${apart} to ${other.port}, which is ${other.of} of pod 0`,
  );
}

interface OwnSocket {
  transport: string;
  port: number;
  of: string;
}

function socketsOfPods(): OwnSocket[] {
  return Object.entries(POD_SOCKETS).map(([socket, of]) => {
    const [transport = '', , port] = socket.split(' ');
    return { transport, port: Number(port), of };
  });
}

function socketsOf({ name = 'a listener', port, transports = [] }: Draft<ClusterListener>): OwnSocket[] {
  return port === undefined ? [] : transports.map((transport = 'UDP') => ({ transport, port, of: name }));
}

function checkListeners({ listeners, replicas }: DraftSpec, place: Place): void {
  if (listeners === undefined) return;
  checkUnique(namesOf(listeners), place, 'name');
  checkAnnotated(listeners, place);
  const taken = new Map(Object.entries(POD_SOCKETS));
  for (const [index, listener] of listeners.entries()) {
    if (listener === undefined) continue;
    checkUnique(listener.transports ?? [], place.index(index).key('transports'));
    checkSockets(listener, taken, place.index(index).key('port'));
    checkAdvertise(listener.advertise, place.index(index).key('advertise'));
    checkMap(listener.advertise?.map, replicas, place.index(index).key('advertise').key('map'));
  }
}

function checkSockets(listener: Draft<ClusterListener>, taken: Map<string, string>, place: Place): void {
  const { name = 'another listener', port, transports = [] } = listener;
  if (port === undefined) return;
  for (const transport of new Set(transports)) {
    const socket = `${transport ?? ''} port ${port}`;
    const other = taken.get(socket);
    if (other !== undefined) place.problem('CONFIG_DUPLICATE', `${socket} is taken by ${other}`);
    taken.set(socket, name);
  }
}

/** Each source of an address has exactly the field that it needs. */
function checkAdvertise(advertise: Draft<ClusterListener['advertise']> | undefined, place: Place): void {
  if (advertise?.from === undefined) return;
  const { from, annotation, map } = advertise;
  const needs = { Annotation: 'annotation', Map: 'map' } as const;
  for (const [source, field] of Object.entries(needs)) {
    const given = { annotation, map }[field];
    const at = place.key(field);
    if (from === source && given === undefined && !at.hasProblem())
      at.problem('CONFIG_REQUIRED', `is missing: from is ${source}`);
    else if (from !== source && given !== undefined)
      at.problem('CONFIG_CONFLICT', `is only for from: ${source}, and from is ${from}`);
  }
}

/** Each annotation comes to the pod by a variable that is named after its listener. */
function checkAnnotated(listeners: NonNullable<DraftSpec['listeners']>, place: Place): void {
  const taken = new Map<string, string>();
  for (const [index, { name, advertise } = {}] of listeners.entries()) {
    if (name === undefined || advertise?.from !== 'Annotation') continue;
    const variable = advertisedName(name);
    const other = taken.get(variable);
    if (other !== undefined && other !== name)
      place
        .index(index)
        .key('name')
        .problem(
          'CONFIG_DUPLICATE',
          `differs from ${other} by case or punctuation only, and both take their address from an annotation`,
        );
    taken.set(variable, name);
  }
}

/** Pods are made only under names that the map has an address for. */
function checkMap(
  map: Draft<ClusterListener['advertise']['map']> | undefined,
  replicas: number | undefined,
  place: Place,
): void {
  if (map === undefined || replicas === undefined) return;
  const addresses = Object.keys(map).length;
  if (addresses < replicas)
    place.problem('CONFIG_CONFLICT', `has ${addresses} addresses for ${replicas} pods`);
}

function checkKeys(entries: Readonly<Record<string, unknown>> | undefined, place: Place): void {
  for (const key of Object.keys(entries ?? {})) {
    const at = place.key(key);
    metadataKey.read(key, at);
    if (key.startsWith(OWN_PREFIX))
      at.problem('CONFIG_VALUE', `${OWN_PREFIX} is for the operator's own keys`);
  }
}
