import { ANNOTATIONS, LABELS } from '../../src/api/annotations.ts';
import { EVENT_REASONS } from '../../src/api/event-reasons.ts';
import {
  CLUSTER_CONDITIONS,
  CONDITION_REASONS,
  MOVE_CAUSES,
  SHARD_CONDITIONS,
  type Word,
} from '../../src/api/reasons.ts';
import { markdownTable } from './markdown.ts';

const INTRO = `# Conditions, Events, annotations

The words in which the operator says what it sees and does, the same ones in status, Events and log. None is ever used for something else.
`;

type Words = Readonly<Record<string, Word>>;
type Keys = Readonly<Record<string, Record<'key' | 'on' | 'by' | 'value' | 'meaning', string>>>;

/** The reference of all words of status and Events, made from the tables in src/api. */
export function reasonsPage(): string {
  const events: Readonly<Record<string, (typeof EVENT_REASONS)[keyof typeof EVENT_REASONS]>> = EVENT_REASONS;
  return [
    INTRO,
    wordSection('Conditions of a SipCluster', 'condition', CLUSTER_CONDITIONS),
    wordSection('Conditions of a DialogShard', 'condition', SHARD_CONDITIONS),
    wordSection('Reasons of conditions', 'reason', CONDITION_REASONS),
    '## Reasons of Events\n',
    markdownTable(
      ['reason', 'type', 'meaning', 'what to do'],
      Object.entries(events).map(([word, { type, meaning, action }]) => [
        `\`${word}\``,
        type,
        meaning,
        action,
      ]),
    ),
    wordSection('Causes of a move', 'cause', MOVE_CAUSES),
    keySection('Annotations', 'annotation', ANNOTATIONS),
    keySection('Labels', 'label', LABELS),
  ].join('\n');
}

function wordSection(heading: string, what: string, words: Words): string {
  const rows = Object.entries(words).map(([word, { meaning, action }]) => [`\`${word}\``, meaning, action]);
  return `## ${heading}\n\n${markdownTable([what, 'meaning', 'what to do'], rows)}`;
}

function keySection(heading: string, what: string, keys: Keys): string {
  const rows = Object.values(keys).map(({ key, on, by, value, meaning }) => {
    return [`\`${key}\``, on, by === 'you' ? 'you' : 'the operator', value, meaning];
  });
  return `## ${heading}\n\n${markdownTable([what, 'on', 'set by', 'value', 'meaning'], rows)}`;
}
