import type { ContainerStatus, Pod } from '../../kube/objects.ts';
import { ageText } from './age.ts';
import { NONE, type Column } from './columns.ts';

/** As `kubectl get pods` has them. */
export const POD_COLUMNS: readonly Column<Pod>[] = [
  { header: 'NAME', cell: ({ metadata }) => metadata.name },
  { header: 'READY', cell: readyCount },
  { header: 'STATUS', cell: podStatusText },
  { header: 'RESTARTS', cell: restartsText },
  { header: 'AGE', cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs) },
  { header: 'IP', wide: true, cell: ({ status }) => status?.podIP ?? NONE },
  { header: 'NODE', wide: true, cell: ({ spec }) => spec.nodeName ?? NONE },
];

function readyCount({ spec, status }: Pod): string {
  const ready = (status?.containerStatuses ?? []).filter((each) => each.ready).length;
  return `${ready}/${spec.containers.length}`;
}

/** What a pod is doing, in one word. */
export function podStatusText({ metadata, status = {} }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return status.reason ?? containerReason(status.containerStatuses?.[0]) ?? status.phase ?? 'Pending';
}

function containerReason(container: ContainerStatus | undefined): string | undefined {
  return (container?.state.waiting ?? container?.state.terminated)?.reason;
}

function restartsText({ status }: Pod, nowMs: number): string {
  const containers = status?.containerStatuses ?? [];
  const count = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const last = containers.map(lastEnd).find((time) => time !== undefined);
  return last === undefined || count === 0 ? String(count) : `${count} (${ageText(last, nowMs)} ago)`;
}

function lastEnd({ lastState }: ContainerStatus): string | undefined {
  return lastState?.terminated?.finishedAt;
}
