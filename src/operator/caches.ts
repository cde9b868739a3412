import { LABELS } from '../api/annotations.ts';
import type { DialogShard } from '../api/dialog-shard-type.ts';
import type { KubeObject, ObjectMeta } from '../api/object-type.ts';
import { isPlainObject } from '../api/schema.ts';
import type { SipCluster } from '../api/sip-cluster-type.ts';
import { KubeError, type KubeApi, type ResourceKind, type Selection } from '../kube/api.ts';
import { Informer, type RelistCause } from '../kube/informer.ts';
import {
  CONFIG_MAPS,
  DIALOG_SHARDS,
  ENDPOINT_SLICES,
  LEASES,
  NETWORK_POLICIES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
  SIP_CLUSTERS,
} from '../kube/kinds.ts';
import type {
  ConfigMap,
  Lease,
  NetworkPolicy,
  Node,
  Pod,
  PodDisruptionBudget,
  Secret,
  Service,
} from '../kube/objects.ts';
import type { Change } from '../kube/object-cache.ts';
import type { Clock } from '../runtime/clock.ts';
import { EndpointWatches } from './endpoint-watches.ts';
import type { ServiceObjects } from './observe-service.ts';
import { referencesOf, type References } from './references.ts';
import { observeNode, type ClusterObjects } from './observe.ts';

/** What the caches are filled from, and who hears of it. */
export interface CachesParts {
  readonly api: KubeApi;
  /** '' for all of them. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Hears the key of each cluster that something changed for. */
  readonly onChange: (key: string) => void;
  readonly onFailure: (plural: string, error: unknown) => void;
  /** Hears each time that all objects of a kind were listed, why, and how many changes no watch had told. */
  readonly onRelist?: (plural: string, cause: RelistCause, found: number) => void;
}

/** Where kubelets renew the Leases of their nodes. */
const NODE_LEASE_NAMESPACE = 'kube-node-lease';

/** Two renewals of a kubelet: if none of any node came for so long, Leases are not seen. */
const LEASES_LATE_MS = 20_000;

/** Everything that the operator reads of the API, and which cluster each object matters to. */
export class Caches {
  readonly #parts: CachesParts;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  readonly #clusters: Informer<SipCluster>;
  readonly #shards: Informer<DialogShard>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #nodeLeases: Informer<Lease>;
  /** When the Lease of a node was last seen renewed, by the name of the node; clocks of nodes are not believed. */
  readonly #heardAtMs = new Map<string, number>();
  /** What may not be read, by plural, in the words of the API. */
  readonly #forbidden = new Map<string, string>();
  readonly #configMaps: Informer<ConfigMap>;
  readonly #secrets: Informer<Secret>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #endpoints: EndpointWatches;
  readonly #services: Informer<Service>;
  readonly #policies: Informer<NetworkPolicy>;

  constructor(parts: CachesParts) {
    this.#parts = parts;
    const { api, clock, random, onFailure } = parts;
    this.#endpoints = new EndpointWatches({
      ...{ api, clock, random, onFailure },
      onChange: (service) => {
        this.#tellReferrers('services', service);
      },
      onRelist: (cause, found) => parts.onRelist?.(ENDPOINT_SLICES.plural, cause, found),
    });
    this.#clusters = this.#open(
      SIP_CLUSTERS,
      ({ metadata }) => metadata.name,
      () => {
        this.#follow();
      },
    );
    this.#shards = this.#open(DIALOG_SHARDS, clusterOf);
    this.#pods = this.#open(PODS, labelOf);
    this.#configMaps = this.#open(CONFIG_MAPS, labelOf);
    this.#secrets = this.#open(
      SECRETS,
      labelOf,
      (secret) => {
        this.#tellReferrers('secrets', secret);
      },
      // Tokens of ServiceAccounts, certificates, passwords of registries and Helm's releases are not even read.
      { fields: { type: 'Opaque' } },
    );
    this.#budgets = this.#open(POD_DISRUPTION_BUDGETS, labelOf);
    this.#services = this.#open(SERVICES, labelOf, (service) => {
      this.#tellReferrers('services', service);
    });
    this.#policies = this.#open(NETWORK_POLICIES, labelOf);
    this.#nodes = this.#informer(NODES, {}, (change) => {
      this.#nodeChanged(change);
    });
    this.#nodeLeases = this.#informer(LEASES, { namespace: NODE_LEASE_NAMESPACE }, (change) => {
      this.#leaseChanged(change);
    });
  }

  start(): void {
    for (const informer of this.#informers.values()) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#endpoints, ...this.#informers.values()].map((each) => each.stop()));
  }

  /** Kinds that were not read whole yet; those that the operator can do without may be forbidden. */
  get missing(): string[] {
    const { plural: nodes } = NODES;
    const { plural: leases } = LEASES;
    const isDispensable = (plural: string): boolean =>
      plural === leases || (plural === nodes && this.#forbidden.has(nodes));
    return [...this.#informers]
      .filter(([plural, informer]) => !informer.hasSynced() && !isDispensable(plural))
      .map(([plural]) => plural);
  }

  /** When the API was last heard about each kind, by the clock; -Infinity before. */
  lastHeardMs(): [plural: string, atMs: number][] {
    const heard = [...this.#informers].map(([plural, informer]): [string, number] => [
      plural,
      informer.lastHeardMs(),
    ]);
    const endpointsMs = this.#endpoints.lastHeardMs();
    if (endpointsMs !== undefined) heard.push([ENDPOINT_SLICES.plural, endpointsMs]);
    return heard;
  }

  /** Whether the cache of a kind is at least as new as a resourceVersion. */
  hasSeen(plural: string, version: string): boolean {
    return this.#informers.get(plural)?.hasSeen(version) ?? false;
  }

  /** Keys of all clusters, and of those that there are only DialogShards of. */
  keys(): string[] {
    const clusters = this.#clusters.list().map(({ metadata }) => keyOf(metadata, metadata.name));
    const shards = this.#shards.list().map((shard) => keyOf(shard.metadata, clusterOf(shard)));
    return [...new Set([...clusters, ...shards])];
  }

  /** The DialogShards of a cluster, whether or not it is there. */
  shardsOf(key: string): DialogShard[] {
    return this.#shards.list().filter((shard) => keyOf(shard.metadata, clusterOf(shard)) === key);
  }

  /** The objects of a cluster; undefined if there is no such cluster. */
  objectsOf(key: string): ClusterObjects | undefined {
    const [namespace = '', name = ''] = key.split('/');
    const cluster = this.#clusters.get({ namespace, name });
    if (cluster === undefined) return undefined;
    const { uid = '' } = cluster.metadata;
    const isOfFormer = ({ metadata }: KubeObject): boolean => isControlledByOther(metadata, uid);
    const own = <T extends KubeObject>(object: T | undefined): T | undefined =>
      object === undefined || isOfFormer(object) ? undefined : object;
    const near = this.#pods.list().filter((pod) => pod.metadata.namespace === namespace);
    const isOwn = (pod: Pod): boolean => labelOf(pod) === name && !isOfFormer(pod);
    const others = near.filter((pod) => !isOwn(pod)).map(({ metadata }) => metadata.name);
    return {
      cluster,
      shards: this.shardsOf(key).filter((shard) => !isOfFormer(shard)),
      pods: near.filter(isOwn),
      takenNames: others.filter((pod) => pod.startsWith(`${name}-`)),
      ...this.#nodesSeen(),
      configMap: own(this.#configMaps.get({ namespace, name: `${name}-proxy` })),
      secretOf: (secretName) => own(this.#secrets.get({ namespace, name: secretName })),
      serviceOf: (service) => this.#serviceOf(service),
      objects: [
        this.#services.get({ namespace, name }),
        this.#services.get({ namespace, name: `${name}-mesh` }),
        this.#policies.get({ namespace, name }),
      ].filter((object) => object !== undefined),
      disruptionBudget: own(this.#budgets.get({ namespace, name })),
    };
  }

  /** What was seen before the right to see it was taken away says nothing any more. */
  #nodesSeen(): Pick<ClusterObjects, 'nodes' | 'nodesHidden' | 'nodesHeardAtMs'> {
    const nodesHidden = this.#forbidden.get(NODES.plural);
    if (nodesHidden !== undefined) return { nodes: [], nodesHidden };
    const nodes = this.#nodes.list();
    // While no Lease at all is heard of, it is this process that is cut off.
    const silentMs = this.#parts.clock.nowMs() - this.#nodeLeases.lastHeardMs();
    return silentMs > LEASES_LATE_MS ? { nodes } : { nodes, nodesHeardAtMs: this.#heardAtMs };
  }

  #serviceOf(key: string): ServiceObjects {
    const [namespace = '', name = ''] = key.split('/');
    const isInSight = this.#parts.namespace === '' || this.#parts.namespace === namespace;
    const service = this.#services.get({ namespace, name });
    return { endpoints: this.#endpoints.of(key), isInSight, service };
  }

  /** Watches the endpoints of the Services that clusters name. */
  #follow(): void {
    const named = this.#clusters.list().flatMap((cluster) => [...referencesOf(cluster).services]);
    this.#endpoints.follow(new Set(named));
  }

  /** An object of others changed that clusters may name. */
  #tellReferrers(kind: keyof References, object: string): void {
    for (const cluster of this.#clusters.list())
      if (referencesOf(cluster)[kind].has(object))
        this.#parts.onChange(keyOf(cluster.metadata, cluster.metadata.name));
  }

  /**
   * A cache of objects of which each matters to one cluster of its namespace; `alsoTell` hears `namespace/name` of each that
   * changed.
   */
  #open<T extends KubeObject>(
    kind: ResourceKind<T>,
    nameOf: (object: T) => string,
    alsoTell: (object: string) => void = () => undefined,
    narrowed: Selection = {},
  ): Informer<T> {
    const { namespace, onChange } = this.#parts;
    const selection = { ...narrowed, ...(namespace !== '' && { namespace }) };
    return this.#informer(kind, selection, ({ before, after }) => {
      const objects = [before, after].filter((object) => object !== undefined);
      const named = objects.filter((object) => nameOf(object) !== '');
      for (const key of new Set(named.map((object) => keyOf(object.metadata, nameOf(object))))) onChange(key);
      for (const name of new Set(objects.map(({ metadata }) => keyOf(metadata, metadata.name))))
        alsoTell(name);
    });
  }

  #informer<T extends KubeObject>(
    kind: ResourceKind<T>,
    selection: Selection,
    onChange: (change: Change<T>) => void,
  ): Informer<T> {
    const { api, clock, random, onFailure } = this.#parts;
    const informer = new Informer({
      ...{ api, kind, selection, clock, random, onChange },
      onFailure: (error) => {
        if (isForbidden(error)) this.#setForbidden(kind.plural, error.message);
        onFailure(kind.plural, error);
      },
      onRelist: (cause, found) => {
        this.#setForbidden(kind.plural, undefined);
        this.#parts.onRelist?.(kind.plural, cause, found);
      },
    });
    this.#informers.set(kind.plural, informer as unknown as Informer<KubeObject>);
    return informer;
  }

  #setForbidden(plural: string, why: string | undefined): void {
    if (this.#forbidden.get(plural) === why) return;
    if (why === undefined) this.#forbidden.delete(plural);
    else this.#forbidden.set(plural, why);
    if (plural === NODES.plural) this.#allChanged();
  }

  #allChanged(): void {
    for (const key of this.keys()) this.#parts.onChange(key);
  }

  /** A renewal moves nobody: that it does not come is found out when it matters. */
  #leaseChanged({ before, after }: Change<Lease>): void {
    const name = (after ?? before)?.metadata.name ?? '';
    if (after === undefined) this.#heardAtMs.delete(name);
    else if (after.spec.renewTime !== before?.spec.renewTime) this.#heardAtMs.set(name, this.#parts.wallMs());
  }

  /** Heartbeats and images of a node move nobody. */
  #nodeChanged({ before, after }: Change<Node>): void {
    if (nodeText(before) !== nodeText(after)) this.#allChanged();
  }
}

function isForbidden(error: unknown): error is KubeError {
  return error instanceof KubeError && error.reason === 'Forbidden';
}

function nodeText(node: Node | undefined): string {
  if (node === undefined) return '';
  const { metadata, ...seen } = observeNode(node);
  return JSON.stringify([metadata.uid, metadata.labels, metadata.annotations, seen]);
}

/** '' for objects of nobody. */
function labelOf({ metadata }: KubeObject): string {
  return metadata.labels?.[LABELS.cluster.key] ?? '';
}

function clusterOf({ spec }: DialogShard): string {
  const name = isPlainObject(spec) ? spec['clusterRef'] : undefined;
  return typeof name === 'string' ? name : '';
}

/**
 * Whether an object is that of a SipCluster of another uid: one of the same name that was deleted just now, whose objects the
 * garbage collector has not taken away yet.
 */
function isControlledByOther({ ownerReferences = [] }: ObjectMeta, uid: string): boolean {
  return ownerReferences.some((owner) => owner.kind === 'SipCluster' && owner.uid !== uid);
}

function keyOf({ namespace = '' }: ObjectMeta, cluster: string): string {
  return `${namespace}/${cluster}`;
}
