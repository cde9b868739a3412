import { parseHostPort } from '../api/address.ts';
import { SIP_PORT } from '../api/policy-schema.ts';
import { CONTROL_PORT, HTTP_PORT, MESH_PORT } from '../api/pod-ports.ts';
import { advertisedName } from '../api/proxy-config-environment.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import type { ClusterListener, ClusterTarget, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { ownedMetadata } from './owner.ts';
import { hostPort } from './pod-view.ts';

/** Where a pod finds its config, the keys of its mesh, and room for its voter file. */
export const CONFIG_DIRECTORY = '/etc/rehome';
export const KEY_DIRECTORY = '/etc/rehome/keys';
export const TOKEN_KEY_DIRECTORY = '/etc/rehome/token-keys';
export const CREDENTIALS_DIRECTORY = '/etc/rehome/credentials';
export const DATA_DIRECTORY = '/var/lib/rehome';

/** Keys of the Secrets that hold the keys of the mesh and of tokens, one "id secret" a line. */
const MESH_KEYS = 'mesh';
const TOKEN_KEYS = 'tokens';

/** Key of the ConfigMap for pods that no listener has an address of their own for. */
const SHARED_CONFIG = 'config.yaml';

/** A sharing tag that pods know from their start; `group` is '' for one that takes any call. */
export interface StartTag {
  tag: string;
  group: string;
}

/** The ConfigMap of a cluster: the config of its pods as JSON, which is YAML. */
export function configMap(
  metadata: ObjectMeta,
  spec: SipClusterSpec,
  tags: readonly StartTag[],
): KubeObject & { data: Record<string, string> } {
  const cluster = metadata.name;
  const pods = mappedPods(spec);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownedMetadata(metadata, `${cluster}-proxy`),
    data: Object.fromEntries(
      ['', ...pods].map((pod) => [
        configKeyOf(spec, pod),
        `${JSON.stringify(proxyDocument({ cluster, spec, tags }, pod), undefined, 2)}\n`,
      ]),
    ),
  };
}

/** The key of the ConfigMap that a pod reads. */
export function configKeyOf(spec: SipClusterSpec, pod: string): string {
  return mappedPods(spec).includes(pod) ? `${pod}.yaml` : SHARED_CONFIG;
}

/** Pods that a listener has an address of their own for; undefined if every pod may be named at will. */
export function podsWithAddress(spec: SipClusterSpec): string[] | undefined {
  const maps = spec.listeners.flatMap(({ advertise }) =>
    advertise.from === 'Map' ? [advertise.map ?? {}] : [],
  );
  const [first, ...others] = maps;
  if (first === undefined) return undefined;
  return Object.keys(first).filter((pod) => others.every((map) => Object.hasOwn(map, pod)));
}

function mappedPods(spec: SipClusterSpec): string[] {
  return [...new Set(spec.listeners.flatMap(({ advertise }) => Object.keys(advertise.map ?? {})))].sort();
}

/** What the pods of a cluster start with. */
interface Fleet {
  cluster: string;
  spec: SipClusterSpec;
  tags: readonly StartTag[];
}

/** The config document of a pod (docs/reference/settings.md); `pod` is '' for what all pods share. */
function proxyDocument({ cluster, spec, tags }: Fleet, pod: string): Record<string, unknown> {
  const { replication, rehoming, failover, topologyHiding, sip, log, limits } = spec;
  // What has no address now comes with the operator's word.
  const targets = spec.targets.filter(({ addresses }) => addresses.length > 0);
  const routes = spec.routes.filter(({ to }) => targets.some(({ name }) => name === to));
  return {
    cluster,
    pod: '$(POD_NAME)',
    podUid: '$(POD_UID)',
    node: '$(NODE_NAME)',
    managed: true,
    dataDir: DATA_DIRECTORY,
    roster: { number: 0, members: [] },
    // A process that starts while no operator is there finds the owners of these by its voter file's roster.
    shards: tags.map(({ tag }) => tag),
    shardGroups: Object.fromEntries(tags.flatMap(({ tag, group }) => (group === '' ? [] : [[tag, group]]))),
    mesh: { bind: onPodAddress(MESH_PORT), keyFile: `${KEY_DIRECTORY}/${MESH_KEYS}` },
    tokens: { keyFile: `${TOKEN_KEY_DIRECTORY}/${TOKEN_KEYS}` },
    control: { bind: onPodAddress(CONTROL_PORT) },
    http: { bind: onPodAddress(HTTP_PORT) },
    portOffset: '$(PORT_OFFSET)',
    listeners: spec.listeners.map((listener) => listenerDocument(listener, pod)),
    routes,
    targets: targets.map(targetDocument),
    replication: {
      factor: replication.factor,
      durability: replication.durability,
      protectTimeout: milliseconds(replication.protectTimeoutMs),
    },
    rehoming,
    failover: {
      suspectAfter: milliseconds(failover.suspectAfterMs),
      delay: milliseconds(failover.delayMs),
      trustReset: failover.trustReset,
    },
    drain: { deletionWait: milliseconds(spec.deletionWaitMs) },
    topologyHiding,
    sip: { t1: milliseconds(sip.t1Ms), t2: milliseconds(sip.t2Ms), t4: milliseconds(sip.t4Ms) },
    log,
    limits,
  };
}

function targetDocument({
  name,
  addresses,
  balance,
  probe,
  credentials,
}: ClusterTarget): Record<string, unknown> {
  return {
    name,
    addresses: addresses.map(targetText),
    ...(balance !== undefined && { balance }),
    ...(probe !== undefined && { probe }),
    ...(credentials !== undefined && {
      credentials: { directory: `${CREDENTIALS_DIRECTORY}/${credentials.secretName}` },
    }),
  };
}

function listenerDocument(listener: ClusterListener, pod: string): Record<string, unknown> {
  const { name, transports, port } = listener;
  return { name, bind: '$(POD_IP)', port, transports, advertise: advertised(listener, pod) };
}

/** What a listener tells; `told`: the operator says it once it knows the pod's node. */
interface Advertised {
  address?: string;
  port?: number;
  told?: true;
}

function advertised({ name, advertise }: ClusterListener, pod: string): Advertised {
  const told = advertise.port === undefined ? {} : { port: advertise.port };
  switch (advertise.from) {
    case 'PodIP':
      return { address: '$(POD_IP)', ...told };
    case 'NodeExternalIP':
      return { told: true, ...told };
    case 'HostIP':
      return { address: '$(HOST_IP)', ...told };
    case 'Annotation':
      return { address: `$(${advertisedName(name)})`, ...told };
    case 'Map':
      return mapped(advertise.map?.[pod], told);
  }
}

/** An entry of the map without a port says nothing of it. */
function mapped(entry: string | undefined, told: { port?: number }): { address: string; port?: number } {
  if (entry === undefined) return { address: '$(POD_IP)', ...told };
  return parseHostPort(entry) ?? { address: parseHostPort(entry, SIP_PORT)?.address ?? entry, ...told };
}

function targetText({
  address,
  port,
  transport,
}: SipClusterSpec['targets'][number]['addresses'][number]): string {
  return `${hostPort(address, port)}${transport === 'TCP' ? ';transport=tcp' : ''}`;
}

function onPodAddress(port: number): string {
  return `$(POD_IP):${port}`;
}

function milliseconds(count: number): string {
  return `${count}ms`;
}
