import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { flat } from '../../../src/sip/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const COUNT = 500;
const MESSAGE_BYTES = 20_000;

/** Bytes of heap for each value kept of a message of 20 kB. */
function bytesKept(keep: (message: string, index: number) => string): number {
  collect();
  const before = memoryUsage().heapUsed;
  const kept = Array.from({ length: COUNT }, (_, index) =>
    keep(Buffer.alloc(MESSAGE_BYTES, 65 + (index % 26)).toString('latin1'), index),
  );
  collect();
  return (memoryUsage().heapUsed - before) / kept.length;
}

test('a flat copy keeps nothing of the message that it was cut from', () => {
  expect(bytesKept((message) => message.slice(100, 160))).toBeGreaterThan(MESSAGE_BYTES / 2);
  expect(bytesKept((message) => flat(message.slice(100, 160)))).toBeLessThan(1_000);
});

test('a flat copy of a join is one string', () => {
  expect(bytesKept((message, index) => flat(`${message.slice(0, 30)}${String(index)}`))).toBeLessThan(1_000);
});

test.each(['', 'short', 'a text of more than thirteen characters', '\0\xff'.repeat(20)])(
  '%j stays the same text',
  (text) => {
    expect(flat(text)).toBe(text);
  },
);
