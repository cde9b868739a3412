/** A change of a good spec that a rule refuses. */
export interface RefusedForm {
  what: string;
  /** Top-level fields of the spec that replace those of the full one. */
  change: Record<string, unknown>;
  /** The API server's message. */
  says: string;
  /** Path of the parser's first problem. */
  at: string;
}

const ROUTE = { from: 'public', to: 'media', via: 'internal' };
const MEDIA = { name: 'media', addresses: ['10.0.3.10'] };
const PUBLIC = { name: 'public', port: 5060 };
const INTERNAL = { name: 'internal', port: 5071 };

/** Both listeners, the second one with these fields. */
const internal = (fields: object): Record<string, unknown> => ({
  listeners: [PUBLIC, { ...INTERNAL, ...fields }],
});
const toleration = (fields: object): Record<string, unknown> => ({ podTemplate: { tolerations: [fields] } });

/** What neither the parser nor the API server takes of a SipCluster, a form or more for each of its rules. */
export const REFUSED: readonly RefusedForm[] = [
  {
    ...{ what: 'more pods than tags', change: { replicas: 5, shards: 4, ...internal({}) } },
    ...{ says: 'replicas must be at most shards', at: 'spec.replicas' },
  },
  {
    ...{ what: 'as many copies as pods', change: { replication: { factor: 3 } } },
    ...{ says: 'replication.factor must be below replicas', at: 'spec.replication.factor' },
  },
  {
    ...{ what: 'a route from no listener', change: { routes: [{ ...ROUTE, from: 'publik' }] } },
    ...{ says: 'routes: from must be the name of a listener', at: 'spec.routes[0].from' },
  },
  {
    ...{ what: 'a route via no listener', change: { routes: [{ ...ROUTE, via: 'x' }] } },
    ...{ says: 'routes: via must be the name of a listener', at: 'spec.routes[0].via' },
  },
  {
    ...{ what: 'a route to no target', change: { routes: [ROUTE, { ...ROUTE, to: 'x' }] } },
    ...{ says: 'routes: to must be the name of a target', at: 'spec.routes[1].to' },
  },
  {
    ...{ what: 'an entry to no listener', change: { service: { listeners: ['public', 'x'] } } },
    ...{ says: 'service.listeners must be names of listeners', at: 'spec.service.listeners[1]' },
  },
  {
    ...{ what: 'two listeners on a port', change: internal({ port: 5060 }) },
    ...{ says: 'a port may be taken once for each transport', at: 'spec.listeners[1].port' },
  },
  {
    ...{ what: 'a transport that is there twice', change: internal({ transports: ['TCP', 'TCP'] }) },
    ...{ says: 'a transport may be there once', at: 'spec.listeners[1].transports[1]' },
  },
  ...[
    { port: 7946 },
    { port: 7946, transports: ['TCP'] },
    { port: 7947, transports: ['UDP', 'TCP'] },
    { port: 9090, transports: ['TCP'] },
  ].map((fields) => ({
    ...{ what: `a listener on ${JSON.stringify(fields)}`, change: { ...internal(fields), portStep: 0 } },
    ...{ says: 'are taken by the mesh', at: 'spec.listeners[1].port' },
  })),
  {
    ...{ what: 'a map that is not asked for', change: internal({ advertise: { map: { a: 'b' } } }) },
    ...{ says: 'map goes with from: Map', at: 'spec.listeners[1].advertise.map' },
  },
  {
    ...{ what: 'Map without a map', change: internal({ advertise: { from: 'Map' } }) },
    ...{ says: 'map goes with from: Map', at: 'spec.listeners[1].advertise.map' },
  },
  {
    ...{ what: 'Annotation without one', change: internal({ advertise: { from: 'Annotation' } }) },
    ...{ says: 'annotation goes with from: Annotation', at: 'spec.listeners[1].advertise.annotation' },
  },
  {
    what: 'a map with too few addresses',
    change: internal({ advertise: { from: 'Map', map: { 'c-0': '192.0.2.1', 'c-1': '192.0.2.2' } } }),
    ...{ says: 'advertise.map must have an address for every pod', at: 'spec.listeners[1].advertise.map' },
  },
  {
    ...{ what: 'ports above the last one', change: { ...internal({ port: 65_530 }), portStep: 2 } },
    ...{ says: 'above port 65535', at: 'spec.portStep' },
  },
  {
    ...{ what: 'listeners that meet', change: { ...internal({ port: 5062 }), portStep: 1 } },
    ...{ says: 'brings a listener of one pod to a listener of another', at: 'spec.portStep' },
  },
  {
    ...{ what: 'a listener that comes to the mesh', change: { ...internal({ port: 7936 }), portStep: 10 } },
    ...{ says: 'brings a port of one pod to 7946', at: 'spec.portStep' },
  },
  {
    what: 'a listener that the control API comes to',
    change: { ...internal({ port: 7957, transports: ['TCP'] }), portStep: 10 },
    ...{ says: 'brings a port of one pod to 7946', at: 'spec.portStep' },
  },
  {
    ...{ what: 'a mesh that comes to the control API', change: { ...internal({}), portStep: 1 } },
    ...{ says: 'brings a port of one pod to 7946', at: 'spec.portStep' },
  },
  {
    ...{ what: 'a target of nothing', change: { targets: [{ ...MEDIA, addresses: [] }] } },
    ...{ says: 'a target needs addresses, or a service', at: 'spec.targets[0].addresses' },
  },
  {
    what: 'a target of both kinds',
    change: { targets: [{ ...MEDIA, service: { name: 'pbx', port: 5060 } }] },
    ...{ says: 'a target needs addresses, or a service', at: 'spec.targets[0].addresses' },
  },
  {
    what: 'a port of no Service',
    change: { targets: [{ name: 'media', service: { name: 'pbx', port: '5060' } }] },
    ...{ says: 'should match', at: 'spec.targets[0].service.port' },
  },
  {
    ...{ what: 'a class without a load balancer', change: { service: { loadBalancerClass: 'x' } } },
    ...{ says: 'loadBalancerClass goes with type: LoadBalancer', at: 'spec.service.loadBalancerClass' },
  },
  {
    what: 'networks without a load balancer',
    change: { service: { type: 'NodePort', loadBalancerSourceRanges: ['192.0.2.0/24'] } },
    says: 'loadBalancerSourceRanges goes with type: LoadBalancer',
    at: 'spec.service.loadBalancerSourceRanges',
  },
  ...['podTemplate', 'service'].flatMap((whose) =>
    ['labels', 'annotations'].map((field) => ({
      ...{
        what: `${field} of the operator in ${whose}`,
        change: { [whose]: { [field]: { 'sip.rehome.dev/x': 'y' } } },
      },
      ...{ says: "is for the operator's own keys", at: `spec.${whose}.${field}.sip.rehome.dev/x` },
    })),
  ),
  {
    ...{ what: 'a node label of the operator', change: { nodeSelector: { 'sip.rehome.dev/x': 'y' } } },
    ...{ says: "is for the operator's own keys", at: 'spec.nodeSelector.sip.rehome.dev/x' },
  },
  {
    what: 'a variable with two values',
    change: { podTemplate: { env: [{ name: 'A', value: 'b', valueFrom: {} }] } },
    ...{ says: 'value or valueFrom, not both', at: 'spec.podTemplate.env[0].valueFrom' },
  },
  {
    ...{ what: 'a toleration of no key', change: toleration({ value: 'x' }) },
    says: 'a toleration without key needs operator: Exists',
    at: 'spec.podTemplate.tolerations[0].key',
  },
  {
    ...{ what: 'a value that does not count', change: toleration({ operator: 'Exists', value: 'x' }) },
    ...{ says: 'value goes with operator: Equal', at: 'spec.podTemplate.tolerations[0].value' },
  },
  {
    ...{ what: 'seconds without an end', change: toleration({ key: 'x', tolerationSeconds: 5 }) },
    says: 'tolerationSeconds goes with effect: NoExecute',
    at: 'spec.podTemplate.tolerations[0].tolerationSeconds',
  },
  {
    ...{
      what: 'two listeners of a name',
      change: { listeners: [PUBLIC, INTERNAL, { ...PUBLIC, port: 5085 }] },
    },
    ...{ says: 'Duplicate value', at: 'spec.listeners[2].name' },
  },
  {
    ...{ what: 'two targets of a name', change: { targets: [MEDIA, MEDIA] } },
    ...{ says: 'Duplicate value', at: 'spec.targets[1].name' },
  },
  {
    ...{
      what: 'a variable that is there twice',
      change: { podTemplate: { env: [{ name: 'A' }, { name: 'A' }] } },
    },
    ...{ says: 'Duplicate value', at: 'spec.podTemplate.env[1].name' },
  },
  {
    what: 'a spread that is there twice',
    change: {
      podTemplate: { topologySpreadConstraints: [{ topologyKey: 'a' }, { topologyKey: 'a', maxSkew: 2 }] },
    },
    ...{ says: 'Duplicate value', at: 'spec.podTemplate.topologySpreadConstraints[1]' },
  },
  ...['1K', '256mi', '-1'].map((memory) => ({
    ...{ what: `${memory} of memory`, change: { podTemplate: { resources: { limits: { memory } } } } },
    ...{ says: 'should match', at: 'spec.podTemplate.resources.limits.memory' },
  })),
  {
    ...{
      what: 'an address without a port that there is',
      change: { targets: [{ ...MEDIA, addresses: ['10.0.0.1:0'] }] },
    },
    ...{ says: 'should match', at: 'spec.targets[0].addresses[0]' },
  },
  {
    ...{ what: 'a field that is not known', change: { replica: 3 } },
    ...{ says: 'unknown field "spec.replica"', at: 'spec.replica' },
  },
  {
    ...{ what: 'a duration that is none', change: { deletionWait: '5 min' } },
    ...{ says: 'should match', at: 'spec.deletionWait' },
  },
  ...[
    ['failover', 'suspectAfter', '99ms', '61s'],
    ['replication', 'protectTimeout', '0s', '2m'],
    ['sip', 't1', '9ms', '2m'],
  ].flatMap(([group = '', field = '', ...values]) =>
    values.map((value) => ({
      ...{ what: `${field} of ${value}`, change: { [group]: { [field]: value } } },
      ...{ says: 'must be a duration from', at: `spec.${group}.${field}` },
    })),
  ),
];

/** What both take. */
export const ACCEPTED: readonly { what: string; change: Record<string, unknown> }[] = [
  { what: 'everything', change: {} },
  {
    what: 'one pod, however many copies it would have',
    change: { replicas: 1, replication: { factor: 16 } },
  },
  {
    what: 'one port for two transports',
    change: {
      listeners: [
        { ...PUBLIC, transports: ['UDP'] },
        { ...INTERNAL, port: 5060, transports: ['TCP'] },
      ],
      portStep: 0,
    },
  },
  { what: 'UDP on the port of health and metrics', change: { ...internal({ port: 9090 }), portStep: 0 } },
  {
    what: 'an address of the node',
    change: { ...internal({ advertise: { from: 'NodeExternalIP' } }), hostNetwork: true },
  },
  {
    what: 'a target of a Service by number',
    change: { targets: [{ name: 'media', service: { name: 'pbx', port: 5060 } }] },
  },
  { what: 'durations of several parts', change: { deletionWait: '1m30s', keys: { rotateEvery: '1h0m0s' } } },
  {
    what: 'quantities as a PodSpec has them',
    change: {
      podTemplate: {
        resources: { requests: { cpu: 2, memory: '1.5Gi' }, limits: { cpu: '.5', memory: '1e9' } },
      },
    },
  },
  { what: 'no targets and no routes', change: { targets: [], routes: [] } },
  { what: 'a toleration of everything', change: toleration({ operator: 'Exists' }) },
];

/** What only one of both can tell, and why. */
export const ONLY_PARSER: readonly { what: string; change: Record<string, unknown>; why: string }[] = [
  {
    ...{
      what: 'a network that is none',
      change: { routes: [{ ...ROUTE, match: { source: ['300.1.1.1/8'] } }] },
    },
    why: 'a pattern cannot say which addresses are right, and CEL can only from Kubernetes 1.31 on',
  },
  {
    ...{ what: 'a port above 65535', change: { targets: [{ ...MEDIA, addresses: ['10.0.0.1:99999'] }] } },
    why: 'a pattern cannot compare numbers',
  },
  {
    what: 'annotations of two listeners that one variable would have',
    change: {
      listeners: ['a.b', 'A-b'].map((name, index) => ({
        ...{ name, port: 5080 + index, advertise: { from: 'Annotation', annotation: 'example.org/a' } },
      })),
      ...{ routes: [], service: {}, portStep: 0 },
    },
    why: 'it is rare, and the rule would be long',
  },
  {
    ...{ what: 'a label key that is none', change: { podTemplate: { labels: { 'a b': 'c' } } } },
    why: 'a schema says nothing of keys, and a rule on keys without a bound costs too much',
  },
];
