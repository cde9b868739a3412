import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadDocument, type LoadedDocument } from '../../../src/runtime/load-config.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-test-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function load(text: string): LoadedDocument {
  const file = join(dir, 'config');
  writeFileSync(file, text);
  return loadDocument(file);
}

function codes(loaded: LoadedDocument): string[] {
  return loaded.ok ? [] : loaded.problems.map(({ code }) => code);
}

describe('loadDocument', () => {
  test.each([
    ['YAML', 'a: [1, 2]\nb: {c: text}\n'],
    ['JSON', '{"a": [1, 2], "b": {"c": "text"}}'],
  ])('reads %s', (_what, text) => {
    expect(load(text)).toEqual({ ok: true, value: { a: [1, 2], b: { c: 'text' } } });
  });

  test('an empty file is an empty document', () => {
    expect(load('')).toEqual({ ok: true, value: null });
  });

  test.each([
    ['a bracket that stays open', 'a: [1, 2\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['an alias of nothing', 'a: *b\n'],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]\n`,
    ],
  ])('%s is a syntax problem', (_what, text) => {
    expect(codes(load(text))).toContain('CONFIG_SYNTAX');
  });

  test('a message tells the line and quotes nothing of the file', () => {
    const loaded = load('secret: "not for a log\n');
    const message = loaded.ok ? '' : (loaded.problems[0]?.message ?? '');
    expect(message).toContain('line');
    expect(message).not.toContain('not for a log');
  });

  test('a file that is not there, and one that is a folder', () => {
    expect(codes(loadDocument(join(dir, 'none')))).toEqual(['CONFIG_UNREADABLE']);
    expect(codes(loadDocument(dir))).toEqual(['CONFIG_UNREADABLE']);
  });
});
