import { parseHostPort } from './address.ts';
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
  targetProbe,
  topologyHiding,
  transports,
} from './policy-schema.ts';
import { list, object, record, Refusal, value } from './schema.ts';
import type { Fields, Schema } from './schema.ts';
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
const MOST_TAINTS = 64;
const MAX_PORT = 65_535;
/** RFC 6335 §5.1. */
const PORT_NAME = /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/;
/** Taints by which nodes are emptied, as people and autoscalers set them. */
const DRAIN_TAINTS: readonly string[] = [
  'node.kubernetes.io/unschedulable',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
];

const image: Schema<string> = textAs('the name of an image', (text) =>
  /^\S+$/.test(text) ? text : undefined,
);

const advertised: Schema<string> = textAs('host or host:port, IPv6 in brackets', (text) =>
  parseHostPort(text, SIP_PORT) === undefined ? undefined : text,
);

const listener: Schema<ClusterListener> = object<ClusterListener>({
  name: { schema: name, doc: 'Name of the listener; routes refer to it.' },
  transports,
  port: { schema: port, doc: "Port that is bound on the pod's address.", fallback: SIP_PORT },
  hostPort: {
    schema: flag,
    doc: "Whether the port is opened on the pod's node too; one pod a node then.",
    fallback: false,
  },
  advertise: {
    schema: object<ClusterListener['advertise']>({
      from: {
        schema: choice(['PodIP', 'HostIP', 'NodeExternalIP', 'Annotation', 'Map']),
        doc: 'Where the address comes from that endpoints are told.',
        fallback: 'PodIP',
      },
      annotation: {
        schema: metadataKey,
        doc: "Name of the pod's annotation that has it, with Annotation.",
        optional: true,
      },
      map: {
        schema: record(advertised),
        doc: 'Pod name to host or host:port, IPv6 in brackets, with Map.',
        optional: true,
      },
      port: {
        schema: port,
        doc: "Port that endpoints are told; the listener's if left out.",
        optional: true,
      },
    }),
    doc: 'What endpoints are told to send to.',
    fallback: {},
  },
});

const servicePort: Schema<number | string> = value({ 'x-kubernetes-int-or-string': true }, (given) => {
  const isPort = typeof given === 'number' && Number.isInteger(given) && given > 0 && given <= MAX_PORT;
  if (isPort || (typeof given === 'string' && PORT_NAME.test(given))) return given;
  return new Refusal('CONFIG_VALUE', 'must be the number or the name of a port of the Service');
});

const clusterTarget: Fields<ClusterTarget> = {
  name: { schema: name, doc: 'Name of the target; routes refer to it.' },
  addresses: {
    schema: list(targetAddress),
    doc: 'host:port, perhaps ;transport=tcp; tried in order.',
    fallback: [],
  },
  service: {
    schema: object<TargetService>({
      name: { schema: objectName, doc: 'Name of the Service.' },
      namespace: { schema: objectName, doc: "Its namespace; the cluster's if left out.", optional: true },
      port: { schema: servicePort, doc: 'Number or name of one of its ports.' },
    }),
    doc: 'A Service whose ready endpoints are the addresses, instead of `addresses`.',
    optional: true,
  },
  probe: targetProbe,
  credentials: {
    schema: object<{ secretName: string }>({
      secretName: { schema: objectName, doc: 'Name of a Secret with `username` and `password`.' },
    }),
    doc: 'What pods answer with when endpoints of the target ask them for credentials (401, 407).',
    optional: true,
  },
};

/** The schema of `spec` of a SipCluster. */
export const sipClusterSchema: Schema<SipClusterDocument> = object<SipClusterDocument>({
  replicas: { schema: integer(1, 50), doc: 'Number of pods.', fallback: 3 },
  shards: {
    schema: integer(1, 1024),
    doc: "Number of the cluster's own sharing tags, at least one a pod; it may only grow.",
    fallback: 12,
  },
  image: { schema: image, doc: 'Container image of the pods.', fallback: DEFAULT_IMAGE },
  podTemplate,
  nodeSelector: { schema: record(labelValue), doc: 'Labels of the nodes that may run pods.', fallback: {} },
  hostNetwork: {
    schema: flag,
    doc: "Whether the pods use their node's address; several of them on a node need a portStep.",
    fallback: false,
  },
  portStep: {
    schema: integer(0, 1000),
    doc: 'Pod NAME-K adds K times this to every port of its own, so that pods can share an address.',
    fallback: 0,
  },
  listeners: { schema: list(listener, 1), doc: 'Where SIP is taken, on every pod.' },
  routes: {
    schema: list(object<ClusterRoute>(routeFields)),
    doc: 'Where new requests go; the first match wins.',
    fallback: [],
  },
  targets: {
    schema: list(object<ClusterTarget>(clusterTarget)),
    doc: 'Groups of addresses that calls are sent to.',
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
    doc: 'Who may reach the pods.',
    fallback: {},
  },
  keys: {
    schema: object<SipClusterSpec['keys']>({
      meshSecret: {
        schema: objectName,
        doc: 'Secret with the keys of the mesh, one "id secret" a line under `mesh`; made if left out.',
        optional: true,
      },
      tokenSecret: {
        schema: objectName,
        doc: 'Secret with the keys of tokens in Contacts, one "id secret" a line under `tokens`; made if left out.',
        optional: true,
      },
      rotateEveryMs: {
        schema: duration(0, YEAR_MS),
        key: 'rotateEvery',
        doc: 'Age at which a key that the operator made is replaced; 0s for never.',
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
        schema: list(metadataKey, 0, MOST_TAINTS),
        doc: 'Keys of taints (NoSchedule, NoExecute) that empty a node as a cordon does.',
        fallback: DRAIN_TAINTS,
      },
    }),
    doc: 'What empties a node.',
    fallback: {},
  },
  replication: {
    schema: object<SipClusterDocument['replication']>({
      ...replicationFields,
      factor: {
        schema: integer(0, 16),
        doc: 'Copies beside the owner, fewer than pods; 2 if left out, or as many as there can be.',
        optional: true,
      },
    }),
    doc: 'Copies of dialogs.',
    fallback: {},
  },
  rehoming,
  failover: {
    schema: object<SipClusterSpec['failover']>({
      ...failoverFields,
      unreadyAfterMs: {
        schema: duration(0, HOUR_MS),
        key: 'unreadyAfter',
        doc: 'How long a living pod may be unready before its tags are moved.',
        fallback: '5s',
      },
    }),
    doc: 'When tags leave a dead or an unready pod.',
    fallback: {},
  },
  rollout: {
    schema: object<SipClusterSpec['rollout']>({
      maxSurge: {
        schema: integer(0, 1) as Schema<0 | 1>,
        doc: 'Pods that may be there in addition while one is replaced; 0 deletes before it makes.',
        fallback: 1,
      },
    }),
    doc: 'How pods are replaced.',
    fallback: {},
  },
  rebalance: {
    schema: object<SipClusterSpec['rebalance']>({
      enabled: { schema: flag, doc: 'Whether a new pod gets its share of the tags.', fallback: true },
      maxTagsInFlight: {
        schema: integer(1, 1024),
        doc: 'Tags that move at once for that.',
        fallback: 2,
      },
    }),
    doc: 'How load is spread.',
    fallback: {},
  },
  topologyHiding,
  sip,
  log,
  limits,
});
