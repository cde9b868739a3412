import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { firstCells } from './markdown.ts';
import { ROOT, readFile } from './repository.ts';

const page = readFile('docs/local.md');

function sourcesIn(folder: string): string {
  const files = readdirSync(`${ROOT}${folder}`, { encoding: 'utf8' });
  return files.map((file) => readFile(`${folder}/${file}`)).join('\n');
}

function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, word = '']) => word))].sort();
}

test('docs/local.md lists the Events of scheduler and kubelet, and no others', () => {
  const sources = sourcesIn('src/local/kubelet') + sourcesIn('src/local/cluster');
  const said = found(sources, /type: '(?:Normal|Warning)',\s*reason: '(\w+)',\s*note/g);
  expect(said.length).toBeGreaterThan(5);
  expect(firstCells(page, 'Events of scheduler and kubelet')).toEqual(said);
});

test('docs/local.md lists the commands that speak to a cluster, and no others', () => {
  const main = readFile('src/main.ts');
  const commands = found(main, /^ {2}(\w+): (?:inCluster|async .*podCommand\(\))/gm);
  expect(commands.length).toBeGreaterThan(5);
  expect(firstCells(page, 'Commands').toSorted()).toEqual(commands);
});

test('docs/local.md lists the files of the state folder', () => {
  const paths =
    /export function localPaths[^]*?\n\}/.exec(readFile('src/local/cluster/state-file.ts'))?.[0] ?? '';
  const files = ['state.json', ...found(paths, /join\(folder, '(\w+)'\)/g)];
  expect(firstCells(page, 'State').toSorted()).toEqual(files.toSorted());
});
