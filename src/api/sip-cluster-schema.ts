import { parsePeer, PEER } from './address.ts';
import { service } from './entry-schema.ts';
import { podTemplate } from './pod-template-schema.ts';
import {
  failoverFields,
  limits,
  log,
  rehoming,
  replicationFields,
  routeFields,
  sip,
  SIP_PORT,
  targetAddress,
  targetBalance,
  targetProbe,
  topologyHiding,
  transports,
} from './policy-schema.ts';
import { list, MOST_ENTRIES, object, record, Refusal, typeName, value } from './schema.ts';
import type { Fields, JsonSchema, Schema } from './schema.ts';
import {
  choice,
  duration,
  flag,
  integer,
  labelValue,
  metadataKey,
  name,
  objectName,
  port,
  textAs,
} from './schema-value.ts';
import type {
  ClusterListener,
  ClusterRoute,
  ClusterTarget,
  SipClusterSpec,
  TargetService,
} from './sip-cluster-type.ts';

/** A spec as it is written: the number of copies depends on the number of pods if it is left out. */
export interface SipClusterDocument extends Omit<SipClusterSpec, 'replication'> {
  replication: Omit<SipClusterSpec['replication'], 'factor'> & { factor?: number };
}

/** Image of the proxies where the spec names none. */
const DEFAULT_IMAGE = 'rehome:0.1.0';
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Room for the largest of numbering plans, and few enough for the API server to check each name in each route. */
const MOST_ROUTES = 256;
const MOST_LISTENERS = 16;
const MAX_PORT = 65_535;
/** RFC 6335 §5.1: with a letter, and no dash at its ends. */
const PORT_NAME = '^([a-z0-9][a-z0-9-]*)?[a-z]([a-z0-9-]*[a-z0-9])?$';
const PORT_NAME_PATTERN = new RegExp(PORT_NAME);
const LONGEST_PORT_NAME = 15;
/** Taints by which nodes are emptied, as people and autoscalers set them. */
const DRAIN_TAINTS: readonly string[] = [
  'node.kubernetes.io/unschedulable',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
];

const image: Schema<string> = textAs(
  'the name of an image',
  (text) => (/^\S+$/.test(text) ? text : undefined),
  { pattern: '^\\S+$', maxLength: 512 },
);

const advertised: Schema<string> = textAs(
  'host or host:port, IPv6 in brackets',
  (text) => (parsePeer(text, SIP_PORT) === undefined ? undefined : text),
  { pattern: `^${PEER}$`, maxLength: 261 },
);

const listener: Schema<ClusterListener> = object<ClusterListener>({
  name: {
    schema: name,
    doc: 'Name of the listener; routes refer to it, and a call that moves keeps it.',
  },
  transports,
  port: {
    schema: port,
    doc: "Port that is bound on the pod's address, for all transports of the listener.",
    fallback: SIP_PORT,
  },
  hostPort: {
    schema: flag,
    doc: "Whether the port is opened on the pod's node too (containerPort and hostPort); a node has room for one such pod, or for several with a portStep.",
    fallback: false,
  },
  advertise: {
    schema: object<ClusterListener['advertise']>({
      from: {
        schema: choice(['PodIP', 'HostIP', 'NodeExternalIP', 'Annotation', 'Map']),
        doc: 'Where the address comes from: the pod, its node (HostIP is the internal address, NodeExternalIP the one that the cloud gave it), an annotation of the pod, or a map by pod names.',
        fallback: 'PodIP',
      },
      annotation: {
        schema: metadataKey,
        doc: "Name of the pod's annotation that holds host or host:port; with `from: Annotation` only.",
        optional: true,
      },
      map: {
        schema: record(advertised, { maxProperties: MOST_ENTRIES }),
        doc: 'Name of each pod (CLUSTER-0, CLUSTER-1 and so on) to host or host:port, IPv6 in brackets; with `from: Map` only, and with an entry for every pod.',
        optional: true,
      },
      port: {
        schema: port,
        doc: "Port that endpoints are told, where address translation makes it another one; the listener's if left out.",
        optional: true,
      },
    }),
    doc: 'The address and port that a pod writes into Contact and Via, to which endpoints send everything that follows in a call.',
    fallback: {},
  },
});

/** A number is judged by the bounds, a text by the pattern. */
const SERVICE_PORT: JsonSchema = {
  'x-kubernetes-int-or-string': true,
  minimum: 1,
  maximum: MAX_PORT,
  pattern: PORT_NAME,
  maxLength: LONGEST_PORT_NAME,
};

const servicePort: Schema<number | string> = value(SERVICE_PORT, (given) => {
  const isPort = typeof given === 'number' && Number.isInteger(given) && given > 0 && given <= MAX_PORT;
  if (isPort || isPortName(given)) return given;
  const found = typeof given === 'object' ? typeName(given) : JSON.stringify(given);
  return new Refusal(
    'CONFIG_VALUE',
    `must be the number, without quotes, or the name of a port of the Service, is ${found}`,
  );
});

function isPortName(given: unknown): given is string {
  return typeof given === 'string' && given.length <= LONGEST_PORT_NAME && PORT_NAME_PATTERN.test(given);
}

const clusterTarget: Fields<ClusterTarget> = {
  name: { schema: name, doc: 'Name of the target, by which routes refer to it.' },
  addresses: {
    schema: list(targetAddress, 0, MOST_ENTRIES),
    doc: 'host:port, perhaps with ;transport=tcp; tried in order. A target has either addresses or a service.',
    fallback: [],
  },
  service: {
    schema: object<TargetService>({
      name: { schema: objectName, doc: 'Name of the Service.' },
      namespace: { schema: objectName, doc: "Its namespace; the cluster's if left out.", optional: true },
      port: {
        schema: servicePort,
        doc: 'Number or name of one of its ports; its protocol is the transport.',
      },
    }),
    doc: 'A Service whose ready endpoints are the addresses, instead of a written list; the operator follows its EndpointSlices.',
    optional: true,
  },
  balance: {
    ...targetBalance,
    doc: `${targetBalance.doc} Ordered for addresses and CallId for a service if left out.`,
  },
  probe: targetProbe,
  credentials: {
    schema: object<{ secretName: string }>({
      secretName: {
        schema: objectName,
        doc: 'Name of a Secret in the same namespace with the keys `username` and `password`.',
      },
    }),
    doc: 'Digest credentials, with which pods answer 401 and 407 of the target to their own requests.',
    optional: true,
  },
};

/** The schema of `spec` of a SipCluster. */
export const sipClusterSchema: Schema<SipClusterDocument> = object<SipClusterDocument>({
  replicas: {
    schema: integer(1, 50),
    doc: 'Number of proxy pods; `kubectl scale` changes it. Pods that go have their calls moved first.',
    fallback: 3,
  },
  shards: {
    schema: integer(1, 1024),
    doc: "Number of the cluster's own sharing tags (DialogShards), over which calls are spread and by which they move: at least one a pod, better four. It may only grow, since the calls of a tag that went would have no owner.",
    fallback: 12,
  },
  image: {
    schema: image,
    doc: 'Container image of the pods; a change replaces them one at a time, with their calls moved first.',
    fallback: DEFAULT_IMAGE,
  },
  podTemplate,
  nodeSelector: {
    schema: record(labelValue, { maxProperties: MOST_ENTRIES }),
    doc: 'Labels that nodes must have to run pods.',
    fallback: {},
  },
  hostNetwork: {
    schema: flag,
    doc: "Whether the pods use their node's network and address. A node then has room for one pod, or for several with a portStep, and a NetworkPolicy has no effect.",
    fallback: false,
  },
  portStep: {
    schema: integer(0, 1000),
    doc: 'Pod CLUSTER-K adds K times this to every port of its own, so that pods can share an address; 0 where each has its own.',
    fallback: 0,
  },
  listeners: {
    schema: list(listener, 1, MOST_LISTENERS),
    doc: 'Where SIP is taken, on every pod alike: a call that moves keeps its listeners.',
  },
  routes: {
    schema: list(object<ClusterRoute>(routeFields), 0, MOST_ROUTES),
    doc: 'Where new requests go: the first route that matches wins, and a request that matches none is answered 404. What belongs to a call needs no route.',
    fallback: [],
  },
  targets: {
    schema: list(object<ClusterTarget>(clusterTarget), 0, MOST_ROUTES),
    doc: 'Groups of addresses that new calls are sent to: media servers, PBXs, trunks.',
    fallback: [],
  },
  service,
  networkPolicy: {
    schema: object<SipClusterSpec['networkPolicy']>({
      enabled: {
        schema: flag,
        doc: 'Whether the mesh and the control API of the pods are closed to strangers by a NetworkPolicy.',
        fallback: true,
      },
    }),
    doc: 'The NetworkPolicy of the pods.',
    fallback: {},
  },
  keys: {
    schema: object<SipClusterSpec['keys']>({
      meshSecret: {
        schema: objectName,
        doc: 'Secret (type Opaque) with the keys of the mesh, one "id secret" a line under `mesh`; made if left out.',
        optional: true,
      },
      tokenSecret: {
        schema: objectName,
        doc: 'Secret (type Opaque) with the keys of the tokens by which pods know their calls in Contacts, one "id secret" a line under `tokens`; made if left out.',
        optional: true,
      },
      rotateEveryMs: {
        schema: duration(0, YEAR_MS),
        key: 'rotateEvery',
        doc: 'Age at which a key that the operator made is replaced, without a restart; 0s for never. A former key stays while a call uses it.',
        fallback: '0s',
      },
    }),
    doc: 'Keys of the mesh and of the tokens by which pods know their calls.',
    fallback: {},
  },
  deletionWaitMs: {
    schema: duration(0, HOUR_MS),
    key: 'deletionWait',
    doc: 'How long pods that are told to stop keep calls that no other pod can take, before they end them with BYE.',
    fallback: '30s',
  },
  drain: {
    schema: object<SipClusterSpec['drain']>({
      taints: {
        schema: list(metadataKey, 0, MOST_ENTRIES),
        doc: 'Keys of taints (with the effect NoSchedule or NoExecute) by which a node is emptied as by a cordon.',
        fallback: DRAIN_TAINTS,
      },
    }),
    doc: 'What tells that a node is to be emptied, besides `kubectl cordon`.',
    fallback: {},
  },
  replication: {
    schema: object<SipClusterDocument['replication']>({
      ...replicationFields,
      factor: {
        schema: integer(0, 16),
        doc: 'Copies of each dialog on other pods, besides the one of its owner: a call outlives the loss of its owner and of all but one of them. Fewer than pods; 2 if left out, or as many as there can be.',
        optional: true,
      },
    }),
    doc: 'How calls are copied to other pods, from which they go on when their own is lost.',
    fallback: {},
  },
  rehoming,
  failover: {
    schema: object<SipClusterSpec['failover']>({
      ...failoverFields,
      unreadyAfterMs: {
        schema: duration(0, HOUR_MS),
        key: 'unreadyAfter',
        doc: 'How long a living pod may be unready before its calls are moved.',
        fallback: '5s',
      },
    }),
    doc: 'When the calls of a dead or an unready pod are taken over.',
    fallback: {},
  },
  rollout: {
    schema: object<SipClusterSpec['rollout']>({
      maxSurge: {
        schema: integer(0, 1) as Schema<0 | 1>,
        doc: 'Pods that may be there in addition while one is replaced. 1 makes the new pod first; 0 empties and deletes the old one first, for where nodes, ports or addresses leave no room; it is so too while an advertise.map has no address for one more pod.',
        fallback: 1,
      },
    }),
    doc: 'How pods are replaced when their template or image changes: one at a time, calls first.',
    fallback: {},
  },
  rebalance: {
    schema: object<SipClusterSpec['rebalance']>({
      enabled: {
        schema: flag,
        doc: 'Whether a pod that comes gets its share of the tags, and their calls.',
        fallback: true,
      },
      maxTagsInFlight: {
        schema: integer(1, 1024),
        doc: 'Tags that are on their way for that at the same time, at most.',
        fallback: 2,
      },
    }),
    doc: 'How calls are spread over the pods when one comes.',
    fallback: {},
  },
  topologyHiding,
  sip,
  log,
  limits,
});
