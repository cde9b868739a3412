import { API_VERSION } from '../../api/sip-cluster-type.ts';
import type { KubeObject } from '../../api/object-type.ts';
import { DIALOG_SHARDS, SIP_CLUSTERS } from '../../kube/kinds.ts';
import type { ResourceKind } from '../../kube/api.ts';
import { STATUS_MANAGER, type StepContext, type StepOf } from './step-context.ts';

/** Says of the cluster how it is; the roster has another writer. */
export async function writeClusterStatus(
  context: StepContext,
  { status }: StepOf<'clusterStatus'>,
): Promise<void> {
  await applyStatus(context, SIP_CLUSTERS, { name: context.cluster.name, status });
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
  { name, status }: { name: string; status: unknown },
): Promise<void> {
  const object: KubeObject & { status: unknown } = {
    apiVersion: API_VERSION,
    kind: kind.kind,
    metadata: { name, namespace },
    status,
  };
  wrote(
    kind,
    await api.apply<KubeObject>(kind, object, { fieldManager: STATUS_MANAGER, subresource: 'status' }),
  );
}
