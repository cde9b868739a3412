import type { DialogShard, MoveRecord } from '../../api/dialog-shard-type.ts';
import type { SipCluster } from '../../api/sip-cluster-type.ts';
import { parseSipClusterSpec } from '../../api/sip-cluster.ts';
import { ageText, durationText } from './age.ts';
import { NONE, type Column } from './columns.ts';

/** Columns of SipClusters. */
export const SIP_CLUSTER_COLUMNS: readonly Column<SipCluster>[] = [
  { header: 'NAME', cell: ({ metadata }) => metadata.name },
  { header: 'PHASE', cell: ({ status }) => status?.phase ?? '' },
  { header: 'READY', cell: readyText },
  { header: 'DIALOGS', cell: ({ status }) => String(status?.dialogs ?? '') },
  { header: 'SHARDS', cell: ({ status }) => String(status?.shards ?? '') },
  { header: 'AGE', cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs) },
  { header: 'ROSTER', wide: true, cell: rosterText },
  { header: 'WHY', wide: true, cell: notReadyText },
];

/** With the last good spec while the present one has problems. */
function readyText({ spec, status }: SipCluster): string {
  const good = status?.accepted?.spec;
  const given = parseSipClusterSpec(spec, good);
  const inForce = given.ok ? given : parseSipClusterSpec(good, good);
  return `${status?.readyReplicas ?? 0}/${inForce.ok ? inForce.value.replicas : '?'}`;
}

function rosterText({ status }: SipCluster): string {
  const roster = status?.roster;
  return roster === undefined
    ? NONE
    : `${roster.generation}.${roster.number}: ${roster.members.length} voters`;
}

/** The first condition that is not as it should be. */
function notReadyText({ status }: SipCluster): string {
  const ready = status?.conditions.find(({ type }) => type === 'Ready');
  const accepted = status?.conditions.find(({ type }) => type === 'Accepted');
  return [accepted, ready].find((each) => each?.status === 'False')?.message ?? '';
}

/** Columns of DialogShards. */
export const DIALOG_SHARD_COLUMNS: readonly Column<DialogShard>[] = [
  { header: 'NAME', cell: ({ metadata }) => metadata.name },
  { header: 'PHASE', cell: ({ status }) => status?.phase ?? '' },
  { header: 'OWNER', cell: ({ status }) => orNone(status?.owner) },
  { header: 'EPOCH', cell: ({ status }) => String(status?.epoch ?? '') },
  { header: 'STANDBYS', cell: standbysText },
  { header: 'DIALOGS', cell: ({ status }) => String(status?.dialogs ?? '') },
  { header: 'LAST MOVE', cell: ({ status }, nowMs) => moveText(status?.lastMove, nowMs) },
  { header: 'AGE', cell: ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs) },
  { header: 'CLUSTER', wide: true, cell: ({ spec }) => textField(spec, 'clusterRef') },
  { header: 'GROUP', wide: true, cell: ({ spec }) => textField(spec, 'group') },
  { header: 'WHY', wide: true, cell: ({ status }) => status?.lastMove?.reason ?? '' },
];

function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? NONE : text;
}

/** Standbys; those that do not hold everything yet are in brackets. */
function standbysText({ status }: DialogShard): string {
  const standbys = (status?.standbys ?? []).map((pod) =>
    status?.standbysInSync.includes(pod) === true ? pod : `(${pod})`,
  );
  return orNone(standbys.join(','));
}

function moveText(move: MoveRecord | undefined, nowMs: number): string {
  if (move === undefined) return NONE;
  const { cause, from, dialogs, rehomed, failed, startedAt, durationMs } = move;
  const origin = from === '' ? '' : ` from ${from}`;
  const counts = `${rehomed}/${dialogs} home${failed === 0 ? '' : `, ${failed} failed`}`;
  const took = durationMs === undefined ? 'under way' : `in ${shortDuration(durationMs)}`;
  return `${cause}${origin}, ${counts} ${took} (${ageText(startedAt, nowMs)} ago)`;
}

function shortDuration(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : durationText(ms);
}

function textField(spec: unknown, name: string): string {
  const value = (spec as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}
