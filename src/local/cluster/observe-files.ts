import { parseAllDocuments } from 'yaml';
import { isDeepStrictEqual } from 'node:util';
import type { ControlReport } from '../../api/control.ts';
import type { DialogShard } from '../../api/dialog-shard-type.ts';
import { memberId } from '../../api/member-id.ts';
import type { KubeObject } from '../../api/object-type.ts';
import type { SipCluster } from '../../api/sip-cluster-type.ts';
import type { ConfigMap, Node, Pod, PodDisruptionBudget, Secret } from '../../kube/objects.ts';
import { observe } from '../../operator/observe.ts';
import type { Observed } from '../../reconcile/observed.ts';
import { ManifestError, parseManifest } from './manifest.ts';

/** What files say of a world: objects as Kubernetes prints them, and what pods said of themselves. */
export interface WrittenWorld {
  objects: readonly KubeObject[];
  reports: readonly ControlReport[];
}

/** Reads a text of Kubernetes objects; a document or List may have `reports` beside. Throws ManifestError naming `file`. */
export function parseWorld(text: string, file: string): WrittenWorld {
  const values = parseAllDocuments(text).map((document): unknown => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new ManifestError(`${file}: ${problem.message.split('\n')[0] ?? ''}`);
    return document.toJS() as unknown;
  });
  return {
    objects: values.flatMap((value) =>
      isOnlyReports(value) ? [] : parseManifest(JSON.stringify(value), file),
    ),
    reports: values.flatMap(reportsIn),
  };
}

/** What the operator would observe of each SipCluster of `wanted` once `wanted` is applied to `present`. */
export function observeFiles(wanted: readonly KubeObject[], present: WrittenWorld): Observed[] {
  const changed = wanted.map((object) => applied(object, present.objects));
  const all = [
    ...changed,
    ...present.objects.filter((object) => !changed.some((each) => isSame(each, object))),
  ];
  return changed
    .filter((object): object is SipCluster => object.kind === 'SipCluster')
    .map((cluster) => observeCluster(cluster, all, present.reports));
}

function observeCluster(
  cluster: SipCluster,
  all: readonly KubeObject[],
  reports: readonly ControlReport[],
): Observed {
  const { name, namespace = 'default', uid = '' } = cluster.metadata;
  const inReach = all.filter((object) => (object.metadata.namespace ?? namespace) === namespace);
  const named = (kind: string, objectName: string): KubeObject | undefined =>
    inReach.find((object) => object.kind === kind && object.metadata.name === objectName);
  return observe(
    {
      cluster,
      shards: inReach.filter((object): object is DialogShard => isShardOf(object, name)),
      pods: inReach.filter((object): object is Pod => isPodOf(object, name)),
      nodes: all.filter((object): object is Node => object.kind === 'Node'),
      configMap: named('ConfigMap', `${name}-proxy`) as ConfigMap | undefined,
      secretOf: (secretName) => named('Secret', secretName) as Secret | undefined,
      objects: [
        named('Service', name),
        named('Service', `${name}-mesh`),
        named('NetworkPolicy', name),
      ].filter((object) => object !== undefined),
      disruptionBudget: named('PodDisruptionBudget', name) as PodDisruptionBudget | undefined,
    },
    (podUid) => linkOf(podUid, all, reports),
    { member: memberId('operator', uid), mesh: '', term: 0, leadingSinceMs: 0, vote: undefined },
  );
}

type Link = ReturnType<Parameters<typeof observe>[1]>;

function linkOf(podUid: string, all: readonly KubeObject[], reports: readonly ControlReport[]): Link {
  const pod = all.find((object) => object.kind === 'Pod' && object.metadata.uid === podUid);
  const member = memberId(pod?.metadata.name ?? '', podUid);
  const report = reports.find((each) => each.status.pod === member);
  return report && { report, reportedAtMs: 0, unreachableSinceMs: undefined, sentState: '' };
}

function isShardOf({ kind, ...object }: KubeObject, cluster: string): boolean {
  const { spec } = object as { spec?: { clusterRef?: unknown } };
  return kind === 'DialogShard' && spec?.clusterRef === cluster;
}

function isPodOf({ kind, metadata }: KubeObject, cluster: string): boolean {
  return kind === 'Pod' && metadata.labels?.['sip.rehome.dev/cluster'] === cluster;
}

function isSame(left: KubeObject, right: KubeObject): boolean {
  const place = ({ metadata }: KubeObject): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;
  return left.kind === right.kind && place(left) === place(right);
}

/** The object as it would be after `apply`: what Kubernetes and the operator wrote of it stays. */
function applied(object: KubeObject, present: readonly KubeObject[]): KubeObject {
  const before = present.find((each) => isSame(each, object)) as
    (KubeObject & { spec?: unknown }) | undefined;
  if (before === undefined) return { ...object, metadata: { ...object.metadata, generation: 1 } };
  const isChanged = !isDeepStrictEqual(before.spec, (object as { spec?: unknown }).spec);
  const generation = (before.metadata.generation ?? 1) + (isChanged ? 1 : 0);
  return { ...before, ...object, metadata: { ...before.metadata, ...object.metadata, generation } };
}

function isOnlyReports(value: unknown): boolean {
  return value === null || (reportsIn(value).length > 0 && !('kind' in (value as object)));
}

function reportsIn(value: unknown): ControlReport[] {
  const { reports } = (value ?? {}) as { reports?: unknown };
  return Array.isArray(reports) ? (reports as ControlReport[]) : [];
}
