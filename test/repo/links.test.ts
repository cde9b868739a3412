import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, readFile } from './repository.ts';

const PAGES = ['.', 'docs', 'docs/decisions', 'docs/reference'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

/** Top-level names by which a quoted text is known to be a path of the repository. */
const PATH = /`((?:src|test|docs|scripts|examples|bin|\.ci)\/[\w./-]+)`/g;
const LINK = /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g;

function found(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, path = '']) => path);
}

describe.each(PAGES)('%s', (page) => {
  const text = readFile(page);

  test('names only paths that exist', () => {
    expect(found(PATH, text).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('links only to what exists', () => {
    expect(found(LINK, text).filter((path) => !existsSync(join(ROOT, dirname(page), path)))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const text = readFile('ARCHITECTURE.md');

  test('maps every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) expect(text).toContain(`| \`src/${name}\` |`);
  });

  test('names at least forty paths', () => {
    expect(found(PATH, text).length).toBeGreaterThan(40);
  });
});

test('the commands that the pages name are in package.json', () => {
  const { scripts } = JSON.parse(readFile('package.json')) as { scripts: Record<string, string> };
  const named = PAGES.flatMap((page) => found(/npm run (?:--silent )?([\w:]+)/g, readFile(page)));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('the changelog has what is not released yet, and the licence is the one of package.json', () => {
  expect(readFile('CHANGELOG.md')).toContain('\n## Unreleased\n');
  expect((JSON.parse(readFile('package.json')) as { license: string }).license).toBe('Apache-2.0');
  expect(readFile('LICENSE')).toContain('Version 2.0, January 2004');
});
