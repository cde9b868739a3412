import { CLUSTER_NAME, LONGEST_CLUSTER_NAME } from './cluster-names.ts';
import { CONTROL_PORT, HTTP_PORT, MESH_PORT } from './pod-ports.ts';
import type { ValidationRule } from './schema.ts';

/** A rule and the field of `spec` that it belongs to; a list stands for each of its entries. */
export interface FieldRule extends ValidationRule {
  path: readonly string[];
}

const MAX_PORT = 65_535;

/** TCP sockets of every pod, besides its listeners'. */
const TCP_PORTS = [MESH_PORT, CONTROL_PORT, HTTP_PORT];
const UDP_PORTS = [MESH_PORT];

/** Whether another pod with the ordinal 1 to `replicas` comes from `port` to `other`, in CEL. */
function reaches(port: number | string, other: number | string): string {
  const apart = `(${other} - ${port})`;
  return `(${apart} > 0 && ${apart} % self.portStep == 0 && ${apart} / self.portStep <= self.replicas)`;
}

function meets(listener: string, ports: readonly number[]): string {
  return ports
    .flatMap((port) => [reaches(`${listener}.port`, port), reaches(port, `${listener}.port`)])
    .join(' || ');
}

const OWN_MEETINGS = TCP_PORTS.flatMap((port) =>
  TCP_PORTS.filter((other) => other > port).map((other) => reaches(port, other)),
).join(' || ');

const named = (list: string, name: string): string => `self.${list}.exists(each, each.name == ${name})`;

/** That each route names an entry of that list. */
function routeRule(field: 'from' | 'via' | 'to', list: 'listeners' | 'targets', what: string): FieldRule {
  const isThere = named(list, `route.${field}`);
  return {
    path: [],
    rule: `self.routes.all(route, ${isThere})`,
    message: `routes: ${field} must be the name of a ${what}`,
    fieldPath: '.routes',
  };
}

/** What is said of a SipCluster as a whole, as `checkSipClusterName` and `checkSipClusterPods` have it. */
export const SIP_CLUSTER_OBJECT_RULES: readonly ValidationRule[] = [
  {
    rule: `self.metadata.name.matches('${CLUSTER_NAME}') && size(self.metadata.name) <= ${LONGEST_CLUSTER_NAME}`,
    message: `the name must be at most ${LONGEST_CLUSTER_NAME} small letters, digits and dashes with a letter first, since pods, Services and tags are named after it`,
    fieldPath: '.metadata.name',
  },
  {
    // The parser looks for the others: all of them would cost the API server too much.
    rule: "self.spec.listeners.all(each, !has(each.advertise.map) || (self.metadata.name + '-0') in each.advertise.map)",
    message:
      'listeners: advertise.map must name the pods of this SipCluster: its own name with -0, -1 and so on behind it',
    fieldPath: '.spec.listeners',
  },
];

/** What fields say of each other, as `checkSipClusterSpec` has it; each rule refuses what it is about at once, where the API server knows it. */
export const SIP_CLUSTER_RULES: readonly FieldRule[] = [
  {
    path: [],
    rule: 'self.replicas <= self.shards',
    message: 'replicas must be at most shards: each pod needs a tag',
    fieldPath: '.replicas',
  },
  {
    path: [],
    // A cluster may be scaled below the copies that it asked for while it was larger.
    rule:
      'self.replicas == 1 || !has(self.replication.factor) || self.replication.factor < self.replicas || ' +
      '(oldSelf.hasValue() && has(oldSelf.value().replication.factor) && ' +
      'oldSelf.value().replication.factor == self.replication.factor)',
    message: 'replication.factor must be below replicas: an owner is no standby of its own',
    fieldPath: '.replication.factor',
    optionalOldSelf: true,
  },
  {
    path: ['shards'],
    rule: 'self >= oldSelf',
    message: 'shards may only grow: the calls of a tag that is taken away would have no owner',
  },
  routeRule('from', 'listeners', 'listener'),
  routeRule('via', 'listeners', 'listener'),
  routeRule('to', 'targets', 'target'),
  {
    path: [],
    rule: `self.service.listeners.all(name, ${named('listeners', 'name')})`,
    message: 'service.listeners must be names of listeners',
    fieldPath: '.service.listeners',
  },
  {
    path: [],
    rule:
      'self.listeners.all(one, one.transports.all(transport, ' +
      'self.listeners.exists_one(each, each.port == one.port && transport in each.transports)))',
    message: 'listeners: a port may be taken once for each transport',
    fieldPath: '.listeners',
  },
  {
    path: ['listeners'],
    rule: 'self.transports.all(one, self.transports.exists_one(each, each == one))',
    message: 'transports: a transport may be there once',
  },
  {
    path: ['listeners'],
    rule: `!('UDP' in self.transports && self.port in [${UDP_PORTS.join(', ')}]) && !('TCP' in self.transports && self.port in [${TCP_PORTS.join(', ')}])`,
    message: `ports ${MESH_PORT} (UDP and TCP), ${CONTROL_PORT} and ${HTTP_PORT} (TCP) are taken by the mesh, the control API, and health and metrics`,
  },
  {
    path: ['listeners', 'advertise'],
    // The API server checks the default of the whole object before it fills in `from`.
    rule: "(has(self.from) && self.from == 'Map') == has(self.map)",
    message: 'map goes with from: Map',
  },
  {
    path: ['listeners', 'advertise'],
    rule: "(has(self.from) && self.from == 'Annotation') == has(self.annotation)",
    message: 'annotation goes with from: Annotation',
  },
  {
    path: [],
    rule: 'self.listeners.all(each, !has(each.advertise.map) || size(each.advertise.map) >= self.replicas)',
    message: 'listeners: advertise.map must have an address for every pod',
    fieldPath: '.listeners',
  },
  {
    path: [],
    rule: `self.portStep == 0 || self.listeners.all(each, each.port + self.portStep * self.replicas <= ${MAX_PORT})`,
    message: `portStep brings the listener of the last pod above port ${MAX_PORT}`,
    fieldPath: '.portStep',
  },
  {
    path: [],
    rule:
      'self.portStep == 0 || self.listeners.all(one, self.listeners.all(each, ' +
      `!one.transports.exists(transport, transport in each.transports) || !${reaches('one.port', 'each.port')}))`,
    message: 'portStep brings a listener of one pod to a listener of another',
    fieldPath: '.portStep',
  },
  {
    path: [],
    rule:
      `self.portStep == 0 || (!(${OWN_MEETINGS}) && self.listeners.all(each, ` +
      `!('UDP' in each.transports && (${meets('each', UDP_PORTS)})) && ` +
      `!('TCP' in each.transports && (${meets('each', TCP_PORTS)}))))`,
    message: `portStep brings a port of one pod to ${MESH_PORT}, ${CONTROL_PORT} or ${HTTP_PORT} of another`,
    fieldPath: '.portStep',
  },
  {
    path: ['targets'],
    rule: 'has(self.service) != (size(self.addresses) > 0)',
    message: 'a target needs addresses, or a service, and not both',
  },
  {
    path: ['service'],
    rule: "!has(self.loadBalancerClass) || self.type == 'LoadBalancer'",
    message: 'loadBalancerClass goes with type: LoadBalancer',
  },
  {
    path: ['service'],
    rule: "!has(self.loadBalancerSourceRanges) || size(self.loadBalancerSourceRanges) == 0 || self.type == 'LoadBalancer'",
    message: 'loadBalancerSourceRanges goes with type: LoadBalancer',
  },
  ...[
    ['podTemplate', 'labels'],
    ['podTemplate', 'annotations'],
    ['nodeSelector'],
    ['service', 'labels'],
    ['service', 'annotations'],
  ].map((path) => ({
    path,
    rule: "self.all(key, !key.startsWith('sip.rehome.dev/'))",
    message: "sip.rehome.dev/ is for the operator's own keys",
  })),
  {
    path: ['podTemplate', 'env'],
    rule: '!(has(self.value) && has(self.valueFrom))',
    message: 'a variable has value or valueFrom, not both',
  },
  {
    path: ['podTemplate', 'tolerations'],
    rule: "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
    message: 'a toleration without key needs operator: Exists',
  },
  {
    path: ['podTemplate', 'tolerations'],
    rule: "!(has(self.operator) && self.operator == 'Exists') || !has(self.value) || self.value == ''",
    message: 'value goes with operator: Equal',
  },
  {
    path: ['podTemplate', 'tolerations'],
    rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
    message: 'tolerationSeconds goes with effect: NoExecute',
  },
];

/** What may be said of a DialogShard. */
export const DIALOG_SHARD_RULES: readonly FieldRule[] = [
  ...['clusterRef', 'tag'].map((field) => ({
    path: [field],
    rule: 'self == oldSelf',
    message: `${field} never changes: make another DialogShard`,
  })),
  {
    path: [],
    rule: 'self.preferredPods.all(one, self.preferredPods.exists_one(each, each == one))',
    message: 'preferredPods: a pod may be there once',
    fieldPath: '.preferredPods',
  },
];

/** Of the status of a DialogShard; whoever writes an older epoch is late. */
export const DIALOG_SHARD_STATUS_RULES: readonly FieldRule[] = [
  { path: ['epoch'], rule: 'self >= oldSelf', message: 'epoch never falls' },
  { path: ['vote', 'epoch'], rule: 'self >= oldSelf', message: 'the epoch of a vote never falls' },
];
