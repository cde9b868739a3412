import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ANNOTATIONS, LABELS } from '../../src/api/annotations.ts';
import { EVENT_REASONS } from '../../src/api/event-reasons.ts';
import {
  CLUSTER_CONDITIONS,
  CONDITION_REASONS,
  MOVE_CAUSES,
  SHARD_CONDITIONS,
} from '../../src/api/reasons.ts';
import { reasonsPage } from './reasons-page.ts';
import { ROOT, readFile } from './repository.ts';

/** The sources of these folders, as one text. */
function sourcesOf(...folders: string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(`${ROOT}src/${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (file) => `src/${folder}/${file}`,
    ),
  );
  return files
    .filter((file) => file.endsWith('.ts'))
    .map(readFile)
    .join('\n');
}

const deciding = sourcesOf('reconcile', 'operator');
const keys = [...Object.values(ANNOTATIONS), ...Object.values(LABELS)].map(({ key }) => key);

describe.each<[string, object]>([
  ['conditions of a SipCluster', CLUSTER_CONDITIONS],
  ['conditions of a DialogShard', SHARD_CONDITIONS],
  ['reasons of conditions', CONDITION_REASONS],
  ['reasons of Events', EVENT_REASONS],
  ['causes of moves', MOVE_CAUSES],
])('%s', (_what, words) => {
  test.each(Object.keys(words))('%s is said by the operator, and in CamelCase', (word) => {
    expect(word).toMatch(/^[A-Z][a-z]+([A-Z][a-z]+)*$/);
    // As a value, or as the key of a table from values to sentences.
    expect(deciding).toMatch(new RegExp(`'${word}'|\\b${word}:`));
  });
});

test('every annotation and label of the sources is in the tables', () => {
  const all = sourcesOf('api', 'console', 'kube', 'local', 'operator', 'proxy', 'reconcile', 'runtime');
  const used = [...all.matchAll(/\bsip\.rehome\.dev\/([a-z][a-z-]*[a-z])\b(?!\d)/g)].map(([key]) => key);
  expect(used.length).toBeGreaterThan(keys.length);
  expect(keys).toEqual(expect.arrayContaining(used));
});

test('every annotation and label of the tables has a use and a row', () => {
  const page = reasonsPage();
  for (const key of keys) expect(page).toContain(`| \`${key}\` |`);
  for (const name of Object.keys(ANNOTATIONS)) expect(deciding).toContain(`ANNOTATIONS.${name}`);
  for (const name of Object.keys(LABELS)) expect(deciding).toContain(`LABELS.${name}`);
});
