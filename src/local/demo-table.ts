import type { TalkCall } from './talk.ts';
import type { TalkLedger, TalkSpan, TalkSum } from './talk-ledger.ts';

/** Calls of a step that had the same fate. */
export interface StepGroup {
  /** What they have in common, for the first column. */
  label: string;
  calls: readonly TalkCall[];
}

const HEAD = [
  'calls',
  'number',
  'still up',
  'messages',
  'answered',
  'lost',
  'to a dead pod',
  'sent again',
  're-INVITEs a leg',
];

/** What both ends of all calls saw during a step: a row for each group that has calls, and their faults. */
export function stepTable(
  ledger: TalkLedger,
  groups: readonly StepGroup[],
  span: TalkSpan,
): { rows: string[][]; faults: string[] } {
  const used = groups.filter(({ calls }) => calls.length > 0);
  const sums = used.map(({ calls }) => ledger.sum(calls, span));
  return {
    rows: [HEAD, ...sums.map((sum, index) => row(used[index]?.label ?? '', sum))],
    faults: sums.flatMap((sum) => sum.faults),
  };
}

function row(label: string, sum: TalkSum): string[] {
  const { least, most } = sum.reinvites;
  const numbers = [
    sum.calls,
    sum.alive,
    sum.sent,
    sum.answered,
    sum.lost - sum.excused,
    sum.excused,
    sum.repeated,
  ];
  return [label, ...numbers.map(String), least === most ? String(most) : `${least} to ${most}`];
}
