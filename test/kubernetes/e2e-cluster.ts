import type { DialogShard } from '../../src/api/dialog-shard-type.ts';
import type { SipCluster } from '../../src/api/sip-cluster-type.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { isWhole, ownedBy, stayingPods, type DemoView } from '../../src/local/demo-view.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import { pause, until } from '../../src/local/until.ts';
import { helm, kubectl, kubectlWith, listObjects, tryKubectl } from './kubectl.ts';
import { workerNodes } from './nodes.ts';
import { installOperator } from './operator-release.ts';
import { PhonesPod } from './phones-pod.ts';
import { imageParts, readSettings } from './settings.ts';

/** Name of the SipCluster, its release and its Service. */
export const CLUSTER = 'edge';
export const PUBLIC_PORT = 5060;

const CHART = 'helm/rehome-cluster';
const SETTLES_WITHIN_MS = 150_000;
const DELETE_MS = 150_000;
const STILL_LOOKS = 3;
const LOOK_EVERY_MS = 1000;

/** What a suite's cluster is. */
export interface ClusterOptions {
  replicas?: number;
  shards?: number;
  /** More of the spec of its SipCluster. */
  spec?: Record<string, unknown>;
}

/** A SipCluster from the charts in a namespace of its own, with phones beside it. */
export class E2eCluster {
  readonly namespace: string;
  readonly phones: PhonesPod;
  /** Nodes that take pods; the phones are on the first. */
  readonly nodes: readonly string[];
  readonly #values: Record<string, unknown>;

  private constructor(
    namespace: string,
    { phones, nodes, values }: { phones: PhonesPod; nodes: string[]; values: Record<string, unknown> },
  ) {
    this.namespace = namespace;
    this.phones = phones;
    this.nodes = nodes;
    this.#values = values;
  }

  /** Installs operator and cluster, and waits until calls are safe. */
  static async start(suite: string, options: ClusterOptions = {}): Promise<E2eCluster> {
    const { replicas = 3, shards = 6, spec = {} } = options;
    const namespace = `rehome-e2e-${suite}`;
    await installOperator();
    await removeNamespace(namespace);
    await kubectl('create', 'namespace', namespace);
    await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
    const nodes = await workerNodes();
    const phones = await PhonesPod.start(namespace, nodes[0] ?? '');
    const values = {
      image: imageParts(readSettings().image),
      spec: {
        ...{ replicas, shards },
        listeners: [
          { name: 'public', transports: ['UDP', 'TCP'], port: PUBLIC_PORT },
          { name: 'internal', transports: ['UDP', 'TCP'], port: 5070 },
        ],
        routes: [{ from: 'public', to: 'phones', via: 'internal' }],
        targets: [{ name: 'phones', service: { name: 'phones', port: 'sip' } }],
        ...spec,
      },
    };
    const cluster = new E2eCluster(namespace, { phones, nodes, values });
    await cluster.upgrade({});
    await cluster.settled(replicas);
    return cluster;
  }

  /** Installs or upgrades the release with these fields of the spec, and another image if one is given. */
  async upgrade(spec: Record<string, unknown>, image?: string): Promise<void> {
    Object.assign(this.#values['spec'] as object, spec);
    if (image !== undefined) this.#values['image'] = imageParts(image);
    const values = Object.entries(this.#values).flatMap(([key, value]) => [
      '--set-json',
      `${key}=${JSON.stringify(value)}`,
    ]);
    await helm('upgrade', '--install', CLUSTER, CHART, '-n', this.namespace, ...values);
  }

  /** Waits until so many pods are ready and own tags, and nothing moves. */
  async settled(replicas: number): Promise<DemoView> {
    let view = await this.look();
    let still = 0;
    const isSettled = async (): Promise<boolean> => {
      await pause(LOOK_EVERY_MS);
      const newer = await this.look();
      const isSame = ownersText(newer) === ownersText(view) && isWhole(newer, replicas);
      still = isSame ? still + 1 : 0;
      view = newer;
      return still >= STILL_LOOKS;
    };
    await until(isSettled, SETTLES_WITHIN_MS, `${replicas} settled pods`).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.story()}`, { cause: error });
    });
    return view;
  }

  async look(): Promise<DemoView> {
    const [pods, shards] = await Promise.all([
      listObjects<Pod>('pods', this.namespace),
      listObjects<DialogShard>('dialogshards', this.namespace),
    ]);
    return {
      pods: pods.filter(({ metadata }) => metadata.labels?.['sip.rehome.dev/cluster'] === CLUSTER),
      shards,
    };
  }

  /** Nodes that may be emptied or lost: all but the first, where the phones are. Throws if there are fewer than `count`. */
  spareNodes(count: number): string[] {
    const spare = this.nodes.slice(1);
    if (spare.length < count)
      throw new Error(
        `${count + 1} nodes that take ordinary pods are needed, and there are ${this.nodes.length}`,
      );
    return spare;
  }

  /** Owner and epoch of every tag. */
  async owners(): Promise<Record<string, string>> {
    const { shards } = await this.look();
    return Object.fromEntries(
      shards.map(({ metadata, status }) => [
        metadata.name,
        `${status?.owner ?? ''} in ${status?.epoch ?? 0}`,
      ]),
    );
  }

  /** The pods that stay, with the most tags first. */
  async pods(): Promise<Pod[]> {
    const view = await this.look();
    const tags = (pod: Pod): number => ownedBy(view, pod.metadata.name).length;
    return stayingPods(view).sort((left, right) => tags(right) - tags(left));
  }

  async sipCluster(): Promise<SipCluster> {
    return JSON.parse(
      await kubectl('get', '-n', this.namespace, 'sipcluster', CLUSTER, '-o', 'json'),
    ) as SipCluster;
  }

  /** Deletes pods that share a node with another one, until none does. */
  async spread(replicas: number): Promise<void> {
    const pods = await this.pods();
    const nodes = pods.map(({ spec }) => spec.nodeName);
    const crowded = pods.filter((_, index) => nodes.indexOf(nodes[index]) < index);
    for (const { metadata } of crowded) {
      await kubectlWith({ timeoutMs: DELETE_MS }, 'delete', 'pod', '-n', this.namespace, metadata.name);
      await this.settled(replicas);
    }
  }

  /** host:port of the Service by which calls come in. */
  async entrance(): Promise<string> {
    const address = await kubectl(
      'get',
      '-n',
      this.namespace,
      'service',
      CLUSTER,
      '-o',
      'jsonpath={.spec.clusterIP}',
    );
    return hostPort({ address, port: PUBLIC_PORT });
  }

  /** What is there and what happened last, for a person. */
  async story(): Promise<string> {
    const kinds = 'pods,sipclusters,dialogshards,poddisruptionbudgets';
    const seen = await tryKubectl('get', kinds, '-n', this.namespace, '-o', 'wide');
    const events = await tryKubectl('get', 'events', '-n', this.namespace, '--sort-by=.lastTimestamp');
    return `${seen.stdout}\n${events.stdout.split('\n').slice(-40).join('\n')}`;
  }

  /** Takes it away, without waiting until the pods have done what a pod does at its end. */
  async stop(): Promise<void> {
    await helm('uninstall', CLUSTER, '-n', this.namespace, '--ignore-not-found');
    await tryKubectl('delete', 'pods', '--all', '-n', this.namespace, '--grace-period=0', '--force');
    await removeNamespace(this.namespace);
  }
}

/** Deletes a namespace and waits until it is gone. */
export async function removeNamespace(namespace: string): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=55s').catch(async () => {
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=55s');
  });
}

function ownersText({ shards }: DemoView): string {
  return JSON.stringify(shards.map(({ metadata, status }) => [metadata.name, status?.owner, status?.epoch]));
}
