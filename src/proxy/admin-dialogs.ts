import type { DialogReport, DialogsReport, LegReport } from '../api/pod-report.ts';
import type { DialogRecord, LegIndex } from '../dialog/record.ts';
import type { Call } from './calls/call.ts';
import type { CallContext } from './calls/context.ts';
import { nameOf } from './calls/takeover.ts';

const MS_PER_S = 1000;
const DEFAULT_LIMIT = 100;
/** So that no answer stops the event loop for long. */
const MAX_LIMIT = 10_000;
const KEYS: readonly string[] = ['limit', 'tag', 'callId', 'state', 'away'];

/** Which dialogs are asked for; what is left out matches all. */
export interface DialogFilter {
  readonly limit: number;
  readonly tag?: string | undefined;
  /** Call-ID of either leg. */
  readonly callId?: string | undefined;
  readonly state?: 'early' | 'confirmed' | undefined;
  /** Only dialogs of which a leg's home is another pod. */
  readonly away?: boolean | undefined;
}

/** The filter that a query asks for, or what is wrong with it. */
export function readDialogFilter(query: URLSearchParams): DialogFilter | string {
  const unknown = [...query.keys()].find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `no such filter: ${unknown}; there are ${KEYS.join(', ')}`;
  const { limit = String(DEFAULT_LIMIT), tag, callId, state, away } = Object.fromEntries(query);
  if (!/^\d{1,5}$/.test(limit) || Number(limit) > MAX_LIMIT)
    return `limit is a number up to ${String(MAX_LIMIT)}`;
  if (!isOneOf(state, ['early', 'confirmed', undefined])) return 'state is early or confirmed';
  if (!isOneOf(away, ['true', 'false', undefined])) return 'away is true or false';
  return { limit: Number(limit), tag, callId, state, away: away === undefined ? undefined : away === 'true' };
}

function isOneOf<const T>(value: unknown, options: readonly T[]): value is T {
  return (options as readonly unknown[]).includes(value);
}

/** The calls as far as reports read them. */
export type ReportedCalls = Pick<CallContext, 'pod' | 'calls' | 'mesh' | 'wallMs'>;

/** Lists dialogs of this pod, in the order in which they came. */
export function reportDialogs(context: ReportedCalls, filter: DialogFilter): DialogsReport {
  const dialogs: DialogReport[] = [];
  let total = 0;
  for (const call of context.calls.values()) {
    const { record } = call;
    if (record.state === 'ended' || !matches(record, filter, context.pod)) continue;
    total++;
    if (dialogs.length < filter.limit) dialogs.push(reportDialog(context, call, record.state));
  }
  return { pod: context.pod, total, dialogs };
}

/** Whether an endpoint is known to send to this pod. */
export function isHere(record: DialogRecord, leg: LegIndex, pod: string): boolean {
  return record.legs[leg].home.pod === pod;
}

function matches(record: DialogRecord, filter: DialogFilter, pod: string): boolean {
  if (filter.tag !== undefined && record.tag !== filter.tag) return false;
  if (filter.state !== undefined && record.state !== filter.state) return false;
  if (filter.callId !== undefined && !record.legs.some(({ callId }) => callId === filter.callId))
    return false;
  return filter.away === undefined || filter.away === (!isHere(record, 0, pod) || !isHere(record, 1, pod));
}

function reportDialog(
  { mesh, wallMs }: ReportedCalls,
  call: Call,
  state: DialogReport['state'],
): DialogReport {
  const { record } = call;
  const sinceMs = state === 'confirmed' ? record.answeredMs : record.createdMs;
  return {
    id: record.id,
    tag: record.tag,
    owner: mesh.ownerOf(record.tag)?.pod ?? '',
    epoch: record.epoch,
    version: record.version,
    state,
    ageSeconds: Math.max(0, Math.round((wallMs() - sinceMs) / MS_PER_S)),
    rehoming: call.job !== undefined,
    legs: [reportLeg(record, 0), reportLeg(record, 1)],
  };
}

function reportLeg(record: DialogRecord, leg: LegIndex): LegReport {
  const { callId, remoteTarget, listener, transport, home, standing } = record.legs[leg];
  return {
    side: nameOf(leg),
    callId,
    remoteTarget,
    listener,
    transport,
    home: { pod: home.pod, epoch: home.epoch },
    standing: standing.state,
    status: standing.status,
    attempts: standing.attempts,
  };
}
