import { ANNOTATIONS, LABELS } from '../api/annotations.ts';
import { CONTROL_PORT, HTTP_PORT, MESH_PORT, PORT_NAMES } from '../api/pod-ports.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import type { ClusterListener, SipClusterSpec } from '../api/sip-cluster-type.ts';
import {
  advertisedName,
  configKeyOf,
  CONFIG_DIRECTORY,
  DATA_DIRECTORY,
  KEY_DIRECTORY,
} from './config-map.ts';
import { digest } from './digest.ts';
import { ownedMetadata } from './owner.ts';
import { ordinalOf } from './pod-view.ts';

/** Seconds of a pod's grace period: taking new calls, handing its tags over, letting calls ring out, relaying, and ending. */
const GRACE_SECONDS = { newCalls: 3, handOver: 10, ringing: 60, relaying: 32, ending: 8 } as const;

/** Seconds between the kubelet's questions, and wrong answers in a row that make a pod unready. */
const PROBE = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2, successThreshold: 1 } as const;

/** Seconds between the questions whether the process still answers, and silent ones until it is started anew. */
const LIVENESS = { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 } as const;

/** What replaces pods when it changes; routes, targets, pacing and the number of copies reach pods without that. */
export function templateHash(spec: SipClusterSpec): string {
  const { image, podTemplate, nodeSelector, hostNetwork, portStep, listeners, failover } = spec;
  const { durability, protectTimeoutMs } = spec.replication;
  const { suspectAfterMs, delayMs, trustReset } = failover;
  const { topologyHiding, sip, log, limits } = spec;
  return digest({
    ...{ image, podTemplate, nodeSelector, hostNetwork, portStep, listeners },
    replication: { durability, protectTimeoutMs },
    failover: { suspectAfterMs, delayMs, trustReset },
    ...{ topologyHiding, sip, log, limits },
  });
}

/** What is to be made of a cluster. */
interface Owner {
  metadata: ObjectMeta;
  spec: SipClusterSpec;
  templateHash: string;
}

/** A pod of the cluster, as it is created. */
export function podObject(owner: Owner, name: string): KubeObject & Record<string, unknown> {
  const { metadata, spec } = owner;
  const cluster = metadata.name;
  const owned = ownedMetadata(metadata, name);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...owned,
      labels: { ...spec.podTemplate.labels, ...owned.labels, [LABELS.pod.key]: name },
      annotations: { ...spec.podTemplate.annotations, [ANNOTATIONS.templateHash.key]: owner.templateHash },
    },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: Object.values(GRACE_SECONDS).reduce((sum, each) => sum + each, 0),
      automountServiceAccountToken: false,
      nodeSelector: { ...spec.nodeSelector },
      // Without the second, a pod of the node's network asks the node's own resolver, which knows no Services.
      ...(spec.hostNetwork && { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
      containers: [container(spec, name, ordinalOf(cluster, name) * spec.portStep)],
      volumes: [
        { name: 'config', configMap: { name: `${cluster}-proxy` } },
        { name: 'keys', secret: { secretName: `${cluster}-mesh` } },
        { name: 'data', emptyDir: {} },
      ],
    },
  };
}

/** `offset` is what this pod adds to every port of its own. */
function container(spec: SipClusterSpec, name: string, offset: number): Record<string, unknown> {
  const httpPort = HTTP_PORT + offset;
  return {
    name: 'proxy',
    image: spec.image,
    command: ['rehome'],
    args: ['proxy', '--config', `${CONFIG_DIRECTORY}/${configKeyOf(spec, name)}`],
    env: [...environment(spec.listeners), { name: 'PORT_OFFSET', value: String(offset) }],
    ports: ports(spec.listeners, offset),
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true },
      { name: 'keys', mountPath: KEY_DIRECTORY, readOnly: true },
      { name: 'data', mountPath: DATA_DIRECTORY },
    ],
    readinessProbe: { httpGet: { path: '/readyz', port: httpPort }, ...PROBE },
    livenessProbe: { httpGet: { path: '/livez', port: httpPort }, ...LIVENESS },
  };
}

function environment(listeners: readonly ClusterListener[]): unknown[] {
  const fields = [
    ['POD_NAME', 'metadata.name'],
    ['POD_UID', 'metadata.uid'],
    ['POD_IP', 'status.podIP'],
    ['NODE_NAME', 'spec.nodeName'],
    ['HOST_IP', 'status.hostIP'],
    ...listeners.flatMap(({ name, advertise: { annotation = '', from } }) =>
      from === 'Annotation' ? [[advertisedName(name), `metadata.annotations['${annotation}']`]] : [],
    ),
  ];
  return fields.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));
}

function ports(listeners: readonly ClusterListener[], offset: number): unknown[] {
  const sip = listeners.flatMap(({ port, transports }) =>
    transports.map((protocol) => ({ containerPort: port + offset, protocol })),
  );
  return [
    ...sip,
    { name: PORT_NAMES.mesh, containerPort: MESH_PORT + offset, protocol: 'TCP' },
    { name: 'mesh-probes', containerPort: MESH_PORT + offset, protocol: 'UDP' },
    { name: PORT_NAMES.control, containerPort: CONTROL_PORT + offset, protocol: 'TCP' },
    { name: PORT_NAMES.http, containerPort: HTTP_PORT + offset, protocol: 'TCP' },
  ];
}
