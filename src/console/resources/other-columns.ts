import type { ConfigMap, KubeEvent, Lease, PodDisruptionBudget, Secret } from '../../kube/objects.ts';
import { ageText } from './age.ts';
import { NONE, type Column } from './columns.ts';

const NAME: Column = { header: 'NAME', cell: ({ metadata }) => metadata.name };
const AGE: Column = {
  header: 'AGE',
  cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs),
};

/** As `kubectl get events` has them. */
export const EVENT_COLUMNS: readonly Column<KubeEvent>[] = [
  { header: 'LAST SEEN', cell: (event, nowMs) => ageText(lastSeen(event), nowMs) },
  { header: 'TYPE', cell: ({ type }) => type },
  { header: 'REASON', cell: ({ reason }) => reason },
  { header: 'OBJECT', cell: ({ regarding }) => `${regarding.kind.toLowerCase()}/${regarding.name}` },
  {
    header: 'COUNT',
    wide: true,
    cell: ({ series, deprecatedCount }) => String(series?.count ?? deprecatedCount ?? 1),
  },
  { header: 'MESSAGE', cell: ({ note }) => note },
];

/** When an Event was seen last, RFC 3339. */
export function lastSeen({ series, eventTime, deprecatedLastTimestamp, metadata }: KubeEvent): string {
  const times = [series?.lastObservedTime, deprecatedLastTimestamp, eventTime, metadata.creationTimestamp];
  return times.find((time) => typeof time === 'string') ?? '';
}

export const LEASE_COLUMNS: readonly Column<Lease>[] = [
  NAME,
  { header: 'HOLDER', cell: ({ spec }) => spec.holderIdentity ?? '' },
  { header: 'RENEWED', wide: true, cell: ({ spec }, nowMs) => `${ageText(spec.renewTime, nowMs)} ago` },
  AGE,
];

export const CONFIG_MAP_COLUMNS: readonly Column<ConfigMap>[] = [
  NAME,
  { header: 'DATA', cell: ({ data = {} }) => String(Object.keys(data).length) },
  AGE,
];

export const SECRET_COLUMNS: readonly Column<Secret>[] = [
  NAME,
  { header: 'TYPE', cell: ({ type = 'Opaque' }) => type },
  { header: 'DATA', cell: ({ data = {} }) => String(Object.keys(data).length) },
  AGE,
];

export const BUDGET_COLUMNS: readonly Column<PodDisruptionBudget>[] = [
  NAME,
  { header: 'MIN AVAILABLE', cell: ({ spec }) => String(spec.minAvailable ?? NONE) },
  { header: 'ALLOWED DISRUPTIONS', cell: ({ status }) => String(status?.disruptionsAllowed ?? 0) },
  AGE,
];

/** For kinds without columns of their own. */
export const PLAIN_COLUMNS: readonly Column[] = [NAME, AGE];
