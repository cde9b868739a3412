import { parseArgs } from 'node:util';
import type { DialogReport, DialogsReport, LegReport } from '../api/pod-report.ts';
import { runCommand, type PodCommand } from './command.ts';
import { COMMON_OPTIONS, COMMON_USAGE, readCommonOptions } from './common-options.ts';
import { table } from './table.ts';

const USAGE = `rehome calls [--url URL[,URL]] [-o json]: the calls of pods, their legs, owner and home

  --tag TAG         only calls of a sharing tag
  --call-id ID      only the call with this Call-ID
  --state STATE     only calls that are early or confirmed
  --away            only calls with a leg whose endpoint is not known to send to the pod
  --limit N         as many calls of each pod (default 100)
${COMMON_USAGE}`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  tag: { type: 'string' },
  'call-id': { type: 'string' },
  state: { type: 'string' },
  away: { type: 'boolean', default: false },
  limit: { type: 'string' },
} as const;

/** Runs `rehome calls`; resolves to the exit code, 1 if a pod did not answer, 2 if the command line is wrong. */
export function runCalls(argv: string[], output: PodCommand): Promise<number> {
  return runCommand<DialogsReport>(
    USAGE,
    () => {
      const { values } = parseArgs({ args: argv, options: OPTIONS });
      if (values.help) return undefined;
      const { tag, 'call-id': callId, state, limit } = values;
      const query = queryOf({ tag, callId, state, limit, away: values.away ? 'true' : undefined });
      return { ...readCommonOptions(values), page: `/debug/dialogs${query}`, text: callsText };
    },
    output,
  );
}

function queryOf(filters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filters)) if (value !== undefined) query.set(key, value);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function callsText(reports: readonly DialogsReport[]): string {
  const rows = reports.flatMap(({ pod, dialogs }) => dialogs.flatMap((dialog) => callRows(pod, dialog)));
  const counts = reports.map(
    ({ pod, total, dialogs }) =>
      `${pod}: ${total} calls${dialogs.length < total ? `, the first ${dialogs.length} shown` : ''}\n`,
  );
  const header = [
    'POD',
    'TAG',
    'OWNER',
    'STATE',
    'AGE',
    'LEG',
    'CALL-ID',
    'SENDS TO',
    'RE-HOME',
    'REMOTE TARGET',
  ];
  return `${table(header, rows)}${counts.join('')}`;
}

/** A row for each leg; what is common to both stands in the first. */
function callRows(pod: string, dialog: DialogReport): string[][] {
  const { tag, owner, epoch, state, ageSeconds } = dialog;
  const common = [pod, tag, `${owner} in ${epoch}`, state, `${ageSeconds} s`];
  return dialog.legs.map((leg, index) => [
    ...(index === 0 ? common : common.map(() => '')),
    leg.side,
    leg.callId,
    `${leg.home.pod} in ${leg.home.epoch}`,
    standingText(leg, dialog.rehoming),
    leg.remoteTarget,
  ]);
}

function standingText({ standing, status, attempts }: LegReport, rehoming: boolean): string {
  if (standing === 'settled') return rehoming ? 'under way' : '';
  return `${standing}${status === 0 ? '' : ` ${status}`} (${attempts} tries)`;
}
