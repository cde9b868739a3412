import type { JsonPatchOperation } from '../../kube/api.ts';
import { SIP_CLUSTERS } from '../../kube/kinds.ts';
import type { RosterStatus, SipCluster } from '../../api/sip-cluster-type.ts';
import type { StepContext, StepOf } from './step-context.ts';

/**
 * Stores a roster before anybody is sent it, by compare-and-swap (OWNERSHIP 7). Rejects with KubeError if another one was
 * stored meanwhile, or if it is not known whether this one was.
 */
export async function storeRoster(
  { api, namespace, cluster, wrote }: StepContext,
  { status, previousNumber }: StepOf<'storeRoster'>,
): Promise<void> {
  const ref = { namespace, name: cluster.name };
  const operations =
    previousNumber === 0
      ? firstRoster(await api.get(SIP_CLUSTERS, ref), status)
      : nextRoster(status, previousNumber);
  // Another cluster of the same name has pods of its own.
  const same = { op: 'test', path: '/metadata/uid', value: cluster.uid } as const;
  wrote(SIP_CLUSTERS, await api.patch(SIP_CLUSTERS, ref, [same, ...operations], { subresource: 'status' }));
}

/** There is no number to compare yet: nobody may have written to the object since it was read. */
function firstRoster({ metadata, status }: SipCluster, roster: RosterStatus): JsonPatchOperation[] {
  const untouched = {
    op: 'test',
    path: '/metadata/resourceVersion',
    value: metadata.resourceVersion,
  } as const;
  if (isWhole(status?.roster)) return nextRoster(roster, 0);
  if (status !== undefined) return [untouched, { op: 'add', path: '/status/roster', value: roster }];
  return [untouched, { op: 'add', path: '/status', value: { roster } }];
}

/** One that somebody cut is taken for none, by the plan too. */
function isWhole({ number, members }: Partial<RosterStatus> = {}): boolean {
  return (number ?? 0) > 0 && (members ?? []).length > 0;
}

function nextRoster(roster: RosterStatus, previousNumber: number): JsonPatchOperation[] {
  return [
    { op: 'test', path: '/status/roster/number', value: previousNumber },
    { op: 'replace', path: '/status/roster', value: roster },
  ];
}
