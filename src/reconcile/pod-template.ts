import { ANNOTATIONS, LABELS } from '../api/annotations.ts';
import { HTTP_PORT } from '../api/pod-ports.ts';
import { advertisedName } from '../api/proxy-config-environment.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import type { ClusterListener, PodTemplate, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { configKeyOf, CONFIG_DIRECTORY } from './config-map.ts';
import { ownedMetadata } from './owner.ts';
import { containerPorts } from './pod-ports.ts';
import { containerSecurity, podSecurity } from './pod-security.ts';
import { ordinalOf } from './pod-view.ts';
import { podVolumes } from './pod-volumes.ts';

/** Seconds of a pod's grace period: taking new calls, handing its tags over, letting calls ring out, relaying, and ending. */
const GRACE_SECONDS = { newCalls: 3, handOver: 10, ringing: 60, relaying: 32, ending: 8 } as const;

/** Seconds between the kubelet's questions, and wrong answers in a row that make a pod unready. */
const PROBE = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2, successThreshold: 1 } as const;

/** Seconds between the questions whether the process still answers, and silent ones until it is started anew. */
const LIVENESS = { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 } as const;

/** Seconds between the first questions of a new process, and wrong answers in a row until it is started anew. */
const STARTUP = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 } as const;

/** Says to the cluster autoscaler that this pod may go, though no controller of Kubernetes makes it again. */
const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const HOST_LABEL = 'kubernetes.io/hostname';

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
  const { volumes, volumeMounts } = podVolumes(cluster, spec);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...owned,
      labels: { ...spec.podTemplate.labels, ...owned.labels, [LABELS.pod.key]: name },
      annotations: {
        [SAFE_TO_EVICT]: 'true',
        ...spec.podTemplate.annotations,
        [ANNOTATIONS.templateHash.key]: owner.templateHash,
      },
    },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: graceSeconds(spec),
      automountServiceAccountToken: false,
      // Variables for each Service of the namespace would be taken for settings.
      enableServiceLinks: false,
      nodeSelector: { ...spec.nodeSelector },
      // Without the second, a pod of the node's network asks the node's own resolver, which knows no Services.
      ...(spec.hostNetwork && { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
      ...scheduling(cluster, spec.podTemplate),
      securityContext: podSecurity(spec.podTemplate),
      containers: [{ ...container(spec, name, ordinalOf(cluster, name) * spec.portStep), volumeMounts }],
      volumes,
    },
  };
}

/** Time to hand everything over, or to keep calls that nobody can take and to end them. */
function graceSeconds({ deletionWaitMs }: SipClusterSpec): number {
  const budgets = Object.values(GRACE_SECONDS).reduce((sum, each) => sum + each, 0);
  return budgets + Math.ceil(deletionWaitMs / 1000);
}

/** Where pods may run, and what of it the user left open. */
function scheduling(cluster: string, template: PodTemplate): Record<string, unknown> {
  const { affinity, tolerations, topologySpreadConstraints, imagePullSecrets } = template;
  const labelSelector = { matchLabels: { [LABELS.cluster.key]: cluster } };
  const apart = { topologyKey: HOST_LABEL, labelSelector };
  const { priorityClassName, serviceAccountName } = template;
  return {
    affinity: affinity ?? {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }],
      },
    },
    ...(tolerations.length > 0 && { tolerations }),
    ...(topologySpreadConstraints.length > 0 && {
      topologySpreadConstraints: topologySpreadConstraints.map((each) => ({ ...each, labelSelector })),
    }),
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(serviceAccountName !== undefined && { serviceAccountName }),
  };
}

/** `offset` is what this pod adds to every port of its own. */
function container(spec: SipClusterSpec, name: string, offset: number): Record<string, unknown> {
  const httpPort = HTTP_PORT + offset;
  const { podTemplate } = spec;
  const { resources, imagePullPolicy } = podTemplate;
  const isAlive = { httpGet: { path: '/livez', port: httpPort } };
  return {
    name: 'proxy',
    image: spec.image,
    ...(imagePullPolicy !== undefined && { imagePullPolicy }),
    command: ['rehome'],
    args: ['proxy', '--config', `${CONFIG_DIRECTORY}/${configKeyOf(spec, name)}`],
    env: environment(spec, offset),
    ports: containerPorts(spec.listeners, offset),
    ...(Object.keys(resources).length > 0 && { resources }),
    securityContext: containerSecurity(podTemplate),
    startupProbe: { ...isAlive, ...STARTUP },
    readinessProbe: { httpGet: { path: '/readyz', port: httpPort }, ...PROBE },
    livenessProbe: { ...isAlive, ...LIVENESS },
  };
}

/** The user's variables and the operator's; the latter are what the config is made with. */
function environment({ podTemplate, listeners }: SipClusterSpec, offset: number): object[] {
  const fields = [
    ['POD_NAME', 'metadata.name'],
    ['POD_UID', 'metadata.uid'],
    ['POD_IP', 'status.podIP'],
    ['NODE_NAME', 'spec.nodeName'],
    ['HOST_IP', 'status.hostIP'],
    ...listeners.flatMap(annotationField),
  ] as const;
  const own = [
    ...fields.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
    { name: 'PORT_OFFSET', value: String(offset) },
  ];
  const names = new Set<string>(own.map(({ name }) => name));
  return [...podTemplate.env.filter(({ name }) => !names.has(name)), ...own];
}

function annotationField({
  name,
  advertise: { from, annotation = '' },
}: ClusterListener): [string, string][] {
  return from === 'Annotation' ? [[advertisedName(name), `metadata.annotations['${annotation}']`]] : [];
}
