import { parseHostPort } from './address.ts';
import {
  failoverFields,
  limits,
  log,
  rehoming,
  replicationFields,
  routeFields,
  sip,
  SIP_PORT,
  targets,
  topologyHiding,
  transports,
} from './policy-schema.ts';
import { list, object, record } from './schema.ts';
import type { Schema } from './schema.ts';
import {
  anyText,
  choice,
  duration,
  flag,
  integer,
  labelValue,
  metadataKey,
  name,
  port,
  textAs,
} from './schema-value.ts';
import type { AdvertiseSource, ClusterListener, ClusterRoute, SipClusterSpec } from './sip-cluster-type.ts';

/** A spec as it is written: the number of copies depends on the number of pods if it is left out. */
export interface SipClusterDocument extends Omit<SipClusterSpec, 'replication'> {
  replication: Omit<SipClusterSpec['replication'], 'factor'> & { factor?: number };
}

/** Image of the proxies where the spec names none. */
const DEFAULT_IMAGE = 'rehome:0.1.0';
const knownSource: Schema<AdvertiseSource> = choice(['PodIP', 'HostIP', 'Annotation', 'Map']);
/** What one might expect beside: Kubernetes tells a pod no other address of its node than that of status.hostIP. */
const UNTOLD_SOURCE = 'NodeExternalIP';
const HOUR_MS = 3_600_000;

const image: Schema<string> = textAs('the name of an image', (text) =>
  /^\S+$/.test(text) ? text : undefined,
);

const advertised: Schema<string> = textAs('host or host:port, IPv6 in brackets', (text) =>
  parseHostPort(text, SIP_PORT) === undefined ? undefined : text,
);

const source: Schema<AdvertiseSource> = {
  ...knownSource,
  read(given, place): AdvertiseSource | undefined {
    if (given !== UNTOLD_SOURCE) return knownSource.read(given, place);
    place.problem(
      'CONFIG_VALUE',
      `${UNTOLD_SOURCE} cannot be had: a pod is not told the external address of its node; use HostIP, Annotation or Map`,
    );
    return undefined;
  },
};

const listener: Schema<ClusterListener> = object<ClusterListener>({
  name: { schema: name, doc: 'Name of the listener; routes refer to it.' },
  transports,
  port: { schema: port, doc: "Port that is bound on the pod's address.", fallback: SIP_PORT },
  advertise: {
    schema: object<ClusterListener['advertise']>({
      from: {
        schema: source,
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

/** The schema of `spec` of a SipCluster. */
export const sipClusterSchema: Schema<SipClusterDocument> = object<SipClusterDocument>({
  replicas: { schema: integer(1, 50), doc: 'Number of pods.', fallback: 3 },
  shards: {
    schema: integer(1, 1024),
    doc: "Number of the cluster's own sharing tags, at least one a pod; it may only grow.",
    fallback: 12,
  },
  image: { schema: image, doc: 'Container image of the pods.', fallback: DEFAULT_IMAGE },
  podTemplate: {
    schema: object<SipClusterSpec['podTemplate']>({
      labels: { schema: record(labelValue), doc: 'More labels of the pods.', fallback: {} },
      annotations: { schema: record(anyText), doc: 'More annotations of the pods.', fallback: {} },
    }),
    doc: 'What the pods carry beside; a change replaces them one at a time.',
    fallback: {},
  },
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
  targets,
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
