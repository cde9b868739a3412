import { API_VERSION } from '../../api/sip-cluster-type.ts';
import type { KubeObject, ObjectMeta } from '../../api/object-type.ts';
import { DIALOG_SHARDS, SIP_CLUSTERS } from '../../kube/kinds.ts';
import type { JsonPatchOperation, ResourceKind } from '../../kube/api.ts';
import { isEqual } from '../../reconcile/equal.ts';
import { STATUS_MANAGER, type StepContext, type StepOf } from './step-context.ts';

type StatusObject = KubeObject & { status?: Record<string, unknown> };

/** The roster, stored by compare-and-swap, and the operator's vote. */
const OF_OTHER_WRITERS: readonly string[] = ['roster', 'vote'];

/**
 * Says of the cluster how it is; the roster has another writer. One of the same name that was made meanwhile is left without
 * status: what was accepted of the former one would bind it.
 */
export async function writeClusterStatus(
  context: StepContext,
  { status }: StepOf<'clusterStatus'>,
): Promise<void> {
  const { name, uid } = context.cluster;
  await applyStatus(context, SIP_CLUSTERS, { name, uid, status });
}

/** Says of a tag how it is; the operator's vote has another writer. */
export async function writeShardStatus(
  context: StepContext,
  { name, status }: StepOf<'shardStatus'>,
): Promise<void> {
  await applyStatus(context, DIALOG_SHARDS, { name, status });
}

async function applyStatus(
  { api, namespace, wrote }: StepContext,
  kind: ResourceKind,
  { name, uid, status }: { name: string; uid?: string | undefined; status: object },
): Promise<void> {
  const object: StatusObject = {
    apiVersion: API_VERSION,
    kind: kind.kind,
    metadata: { name, namespace },
    status: { ...status },
  };
  const applied = await api.apply<StatusObject>(kind, object, {
    fieldManager: STATUS_MANAGER,
    subresource: 'status',
  });
  // An apply to a status takes no notice of a uid.
  const isMeant = uid === undefined || applied.metadata.uid === uid;
  const operations = isMeant ? strayOperations(applied, status) : removal(applied);
  wrote(
    kind,
    operations.length === 0
      ? applied
      : await api.patch(kind, { name, namespace }, operations, { subresource: 'status' }),
  );
}

function removal({ metadata }: StatusObject): JsonPatchOperation[] {
  return [unchanged(metadata), { op: 'remove', path: '/status' }];
}

function unchanged({ resourceVersion }: ObjectMeta): JsonPatchOperation {
  return { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion };
}

/**
 * What makes a status that was applied the one that was meant. An apply leaves what somebody else wrote there, such as a person with
 * `kubectl edit`, and would be repeated without end.
 */
function strayOperations({ metadata, status = {} }: StatusObject, meant: object): JsonPatchOperation[] {
  const wanted = new Map<string, unknown>(Object.entries(meant));
  const strays = Object.keys(status).filter(
    (key) => !OF_OTHER_WRITERS.includes(key) && !isEqual(status[key], wanted.get(key)),
  );
  if (strays.length === 0) return [];
  return [
    unchanged(metadata),
    ...strays.map((key): JsonPatchOperation => {
      const path = `/status/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const value = wanted.get(key);
      return value === undefined ? { op: 'remove', path } : { op: 'replace', path, value };
    }),
  ];
}
