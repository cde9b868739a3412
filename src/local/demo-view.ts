import { isDeepStrictEqual } from 'node:util';
import type { DialogShard } from '../api/dialog-shard-type.ts';
import type { Pod } from '../kube/objects.ts';
import type { SocketAddress } from './phone-address.ts';
import { pause, until } from './until.ts';

/** Where a cluster's objects are read. */
export interface ViewSource {
  /** Of the SipCluster, by name. */
  pods(): Promise<Pod[]>;
  shards(): Promise<DialogShard[]>;
}

/** The cluster at one moment, as `rehome get` shows it. */
export interface DemoView {
  pods: Pod[];
  shards: DialogShard[];
}

/** A cluster is settled when it has been the same for so long. */
const STILL_MS = 1500;
const POLL_MS = 300;

/** Looks once. */
export async function look(cluster: ViewSource): Promise<DemoView> {
  const [pods, shards] = await Promise.all([cluster.pods(), cluster.shards()]);
  return { pods, shards };
}

/** Waits until there are so many ready pods, each an owner, all tags owned, and nothing moves. */
export async function untilSettled(
  cluster: ViewSource,
  replicas: number,
  timeoutMs: number,
): Promise<DemoView> {
  let view = await look(cluster);
  let stillSince = performance.now();
  await until(
    async () => {
      await pause(POLL_MS);
      const newer = await look(cluster);
      const isStill = isDeepStrictEqual(ownersOf(newer), ownersOf(view)) && isWhole(newer, replicas);
      if (!isStill) stillSince = performance.now();
      view = newer;
      return isStill && performance.now() - stillSince > STILL_MS;
    },
    timeoutMs,
    `${replicas} pods to be ready and to own tags`,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${summary(view)}`, { cause: error });
  });
  return view;
}

/** Pods that stay, ready or not. */
export function stayingPods({ pods }: DemoView): Pod[] {
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Tags that a pod owns. */
export function ownedBy({ shards }: DemoView, pod: string): DialogShard[] {
  return shards.filter(({ status }) => status?.owner === pod);
}

/** A port of a pod. Throws while the pod has no address. */
export function podAt(pod: Pod, port: number): SocketAddress {
  const address = pod.status?.podIP;
  if (address === undefined) throw new Error(`${pod.metadata.name} has no address`);
  return { address, port };
}

/** Whether Kubernetes says that it is ready. */
export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

/** Whether so many pods stay, all of them ready and owners, and every tag is with one of them. */
export function isWhole(view: DemoView, replicas: number): boolean {
  const pods = stayingPods(view);
  return (
    pods.length === replicas &&
    pods.every((pod) => isReady(pod) && ownedBy(view, pod.metadata.name).length > 0) &&
    view.shards.every(
      ({ status }) =>
        status?.phase === 'Active' && pods.some(({ metadata }) => metadata.name === status.owner),
    )
  );
}

function ownersOf({ shards }: DemoView): [string, string, number][] {
  return shards.map(({ metadata, status }) => [metadata.name, status?.owner ?? '', status?.epoch ?? 0]);
}

function summary(view: DemoView): string {
  const pods = view.pods.map((pod) => `${pod.metadata.name}${isReady(pod) ? '' : ' (not ready)'}`);
  const shards = view.shards.map(
    ({ metadata, status }) => `${metadata.name} ${status?.phase ?? 'new'} ${status?.owner ?? ''}`,
  );
  return [...pods, ...shards].join(', ');
}
