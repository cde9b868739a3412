import { expect, test } from '@jest/globals';
import { readFile } from './repository.ts';

/** The rows of README.md's table of figures, and those of docs/benchmarks.md that they are taken from, by how they begin. */
const FROM: Readonly<Record<string, readonly string[]>> = {
  'kill -9 of a pod': ['kill -9 with 1,000 held calls'],
  'planned move': ['planned move of 1,000 talking calls', 'planned move: messages lost'],
  'drain of a pod': ['drain of a pod', 'drain: until its process has ended', 'drain: messages lost'],
  'operator at rest': ['operator at rest'],
};

function rowsOf(page: string): string[][] {
  return readFile(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
}

function numbersIn(text: string): string[] {
  return text.match(/\d+(?:[.,]\d+)*/g) ?? [];
}

test.each(Object.entries(FROM))('README.md says of "%s" what docs/benchmarks.md does', (begin, sources) => {
  const [told = []] = rowsOf('README.md').filter(([first = '']) => first.startsWith(begin));
  const measured = rowsOf('docs/benchmarks.md').filter(
    (cells) => cells.length === 3 && sources.some((source) => cells[0]?.startsWith(source)),
  );
  expect(measured.length).toBeGreaterThanOrEqual(sources.length);
  const figures = numbersIn(told[1] ?? '');
  expect(figures).not.toEqual([]);
  // The bar between them is what was hoped for.
  expect(measured.flatMap(([what = '', , result = '']) => numbersIn(`${what} ${result}`))).toEqual(
    expect.arrayContaining(figures),
  );
});
