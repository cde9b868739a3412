import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { flat } from '../../../src/sip/index.ts';
import type { KeptBytes } from './kept-bytes.ts';

const MESSAGE_BYTES = 20_000;

let kept: KeptBytes;

beforeAll(() => {
  const program = fileURLToPath(new URL('kept-bytes.ts', import.meta.url));
  kept = JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', program, String(MESSAGE_BYTES)], { encoding: 'utf8' }),
  ) as KeptBytes;
});

test('a flat copy keeps nothing of the message that it was cut from', () => {
  expect(kept.cut).toBeGreaterThan(MESSAGE_BYTES / 2);
  expect(kept.flatCut).toBeLessThan(1_000);
});

test('a flat copy of a join is one string', () => {
  expect(kept.flatJoin).toBeLessThan(1_000);
});

test.each(['', 'short', 'a text of more than thirteen characters', '\0\xff'.repeat(20)])(
  '%j stays the same text',
  (text) => {
    expect(flat(text)).toBe(text);
  },
);
