import { parseArgs } from 'node:util';
import type { MemberStatus, PodStatus, TagStatus } from '../api/pod-report.ts';
import { runCommand, type PodCommand } from './command.ts';
import { COMMON_OPTIONS, COMMON_USAGE, readCommonOptions } from './common-options.ts';
import { table } from './table.ts';

const USAGE = `rehome status [--url URL[,URL]] [-o json]: what pods say of themselves and their sharing tags

${COMMON_USAGE}`;

/** Runs `rehome status`; resolves to the exit code, 1 if a pod did not answer, 2 if the command line is wrong. */
export function runStatus(argv: string[], output: PodCommand): Promise<number> {
  return runCommand<PodStatus>(
    USAGE,
    () => {
      const { values } = parseArgs({ args: argv, options: COMMON_OPTIONS });
      if (values.help) return undefined;
      return { ...readCommonOptions(values), page: '/debug/status', text: statusText };
    },
    output,
  );
}

function statusText(pods: readonly PodStatus[]): string {
  const tables = [
    table(
      ['POD', 'ROLE', 'READY', 'ANSWERED', 'RINGING', 'LEGS AWAY', 'TAGS', 'PEERS UP', 'REASON'],
      pods.map(podRow),
    ),
    table(['TAG', 'OWNER', 'EPOCH', 'ACTING', 'STANDBYS IN SYNC'], newestTags(pods).map(tagRow)),
  ];
  return tables.filter((each) => each !== '').join('\n');
}

function podRow(pod: PodStatus): string[] {
  const { dialogs, legs, tags, members } = pod;
  return [
    pod.pod,
    pod.role,
    pod.ready ? 'yes' : 'no',
    String(dialogs.confirmed),
    String(dialogs.early),
    String(legs.away),
    String(tags.filter((tag) => tag.acting).length),
    `${members.filter(isAlive).length} of ${members.length}`,
    pod.reason,
  ];
}

function isAlive(member: MemberStatus): boolean {
  return member.alive;
}

/** What the pod says that knows the highest epoch of a tag, its owner before others: the higher epoch wins. */
function newestTags(pods: readonly PodStatus[]): TagStatus[] {
  const newest = new Map<string, TagStatus>();
  for (const tag of pods.flatMap((pod) => pod.tags)) {
    const known = newest.get(tag.tag);
    const isNewer = known === undefined || tag.epoch > known.epoch;
    if (isNewer || (tag.epoch === known.epoch && tag.role === 'owner')) newest.set(tag.tag, tag);
  }
  return [...newest.values()].sort((left, right) => left.tag.localeCompare(right.tag));
}

function tagRow(tag: TagStatus): string[] {
  const owner = tag.owner === '' ? 'none' : tag.owner;
  // Only the owner knows whether it acts and who is in sync.
  if (tag.role !== 'owner') return [tag.tag, owner, String(tag.epoch), 'not asked', 'not asked'];
  const standbys = tag.standbys.map((pod) => (tag.standbysInSync.includes(pod) ? pod : `(${pod})`));
  return [tag.tag, owner, String(tag.epoch), tag.acting ? 'yes' : 'no', standbys.join(', ')];
}
