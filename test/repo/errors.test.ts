import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CONTROL_CODES } from '../../src/api/control-codes.ts';
import { PROBLEM_CODES } from '../../src/api/problem.ts';
import { firstCells } from './markdown.ts';
import { ROOT, readFile } from './repository.ts';

const page = readFile('docs/reference/errors.md');

/** The words of a union of string literals as a source file declares it. */
function wordsOf(file: string, type: string): string[] {
  const declared = new RegExp(`type ${type} =([^;]*);`).exec(readFile(file))?.[1];
  return [...(declared ?? '').matchAll(/'([^']*)'/g)].map(([, word = '']) => word);
}

/** What a pattern's first group finds in the sources of the proxy and of its mesh. */
function inProxy(pattern: RegExp): string[] {
  return inFolders(['src/proxy', 'src/mesh'], pattern);
}

function inFolders(folders: readonly string[], pattern: RegExp): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const texts = files.filter((file) => file.endsWith('.ts')).map(readFile);
  const found = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, word = '']) => word));
  return [...new Set(found)].sort();
}

describe('docs/reference/errors.md lists what the code has, and nothing else:', () => {
  test('problems of a config file, in the same words', () => {
    expect(firstCells(page, 'Problems of a config file')).toEqual(Object.keys(PROBLEM_CODES));
    for (const [code, meaning] of Object.entries(PROBLEM_CODES))
      expect(page).toContain(`| \`${code}\` | ${meaning} |`);
  });

  test('refusals of the control API, in the same words', () => {
    expect(firstCells(page, 'Refusals of the control API')).toEqual(Object.keys(CONTROL_CODES));
    for (const [code, { status, meaning, action }] of Object.entries(CONTROL_CODES))
      expect(page).toContain(`| \`${code}\` | ${status} | ${meaning} | ${action} |`);
  });

  test('refusals of the control API, with the status that is sent', () => {
    const sent = inProxy(/new Refused\((\d+, '\w+')/g);
    const listed = Object.entries(CONTROL_CODES).map(([code, { status }]) => `${status}, '${code}'`);
    expect(sent.length).toBeGreaterThan(1);
    expect(listed).toEqual(expect.arrayContaining(sent));
  });

  test.each([
    ['Datagrams that are no SIP message', 'src/sip/parse-failure.ts', 'ParseFailureCode'],
    ['Streams that cannot be cut into messages', 'src/sip/stream-framing.ts', 'FramingErrorCode'],
    ['Datagrams that are no probe', 'src/mesh/probe-seal.ts', 'SealFailure'],
    ['Ends of mesh connections', 'src/mesh/link.ts', 'LinkEnd'],
    ['Broken frames', 'src/gossip/frame.ts', 'BrokenCode'],
    ['Notes of the mesh', 'src/gossip/effects.ts', 'NoteCode'],
  ])('%s', (heading, file, type) => {
    const words = wordsOf(file, type);
    expect(words.length).toBeGreaterThan(1);
    expect(firstCells(page, heading)).toEqual(words);
  });

  test('codes in log lines', () => {
    expect(firstCells(page, 'Codes in log lines')).toEqual(
      inProxy(/(?:\bcode: |\bnoteFailure\([\w.]+, )'([A-Z_]+)',/g),
    );
  });

  test('codes in log lines of the operator', () => {
    const used = inFolders(['src/operator'], /\bcode: '([A-Z_]+)'[,\s]/g);
    expect(firstCells(page, 'Codes in log lines of the operator')).toEqual(used);
  });

  test('other drops', () => {
    const counted = inProxy(/drops\.inc\(\{ reason: '([\w-]+)' \}\)/g);
    const handedOn = inProxy(/(?:events\.drop|giveUp)\('([\w-]+)'\)/g);
    const dropNotes = /DROPS.*=.*\[(.*)\]/.exec(readFile('src/mesh/mesh-log.ts'))?.[1] ?? '';
    const noted = [...dropNotes.matchAll(/'([^']*)'/g)].map(([, code = '']) => code.replace('-', '_'));
    expect(firstCells(page, 'Other drops')).toEqual([...counted, ...handedOn, ...noted].sort());
  });
});
