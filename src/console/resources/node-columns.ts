import type { Node } from '../../kube/objects.ts';
import { ageText } from './age.ts';
import { NONE, type Column } from './columns.ts';

/** As `kubectl get nodes` has them, with the zone. */
export const NODE_COLUMNS: readonly Column<Node>[] = [
  { header: 'NAME', cell: ({ metadata }) => metadata.name },
  { header: 'STATUS', cell: statusText },
  { header: 'ZONE', cell: ({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'] ?? NONE },
  { header: 'AGE', cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs) },
  { header: 'INTERNAL-IP', wide: true, cell: addressText },
];

function statusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const words = { True: 'Ready', False: 'NotReady', Unknown: 'NotReady' };
  const word = ready === undefined ? 'Unknown' : words[ready];
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function addressText({ status }: Node): string {
  return status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? NONE;
}
