/**
 * Prints how many bytes of heap each value takes that is kept of messages, in a process that has no other garbage. Run with
 * --expose-gc and the size of a message in bytes.
 */
import { memoryUsage } from 'node:process';
import { flat } from '../../../src/sip/flat.ts';

/** What keeps what of a message. */
export interface KeptBytes {
  cut: number;
  flatCut: number;
  flatJoin: number;
}

const COUNT = 500;
const messageBytes = Number(process.argv[2]);

function bytesKept(keep: (message: string, index: number) => string): number {
  const message = (index: number): string => Buffer.alloc(messageBytes, 65 + (index % 26)).toString('latin1');
  globalThis.gc?.();
  const before = memoryUsage().heapUsed;
  const kept = Array.from({ length: COUNT }, (_, index) => keep(message(index), index));
  globalThis.gc?.();
  return (memoryUsage().heapUsed - before) / kept.length;
}

const kept: KeptBytes = {
  cut: bytesKept((message) => message.slice(100, 160)),
  flatCut: bytesKept((message) => flat(message.slice(100, 160))),
  flatJoin: bytesKept((message, index) => flat(`${message.slice(0, 30)}${String(index)}`)),
};
process.stdout.write(JSON.stringify(kept));
