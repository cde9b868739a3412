import { Kind, TABLE_END } from './snapshot-format.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const CANNOT_DECODE = '\uFFFD';

/** One entry of the table: a number, or a text where `text` is not undefined. */
export interface SnapshotEntry {
  id: number;
  number: number;
  text: string | undefined;
}

/** Reads the entries of a snapshot of a known version; undefined if the bytes are not whole. */
export function readEntries(bytes: Uint8Array): SnapshotEntry[] | undefined {
  const pairs = readTable(bytes);
  if (pairs === undefined) return undefined;
  const text = decoder.decode(bytes.subarray(pairs.end));
  return text.includes(CANNOT_DECODE) ? undefined : withTexts(pairs.numbers, text);
}

/** Keys and values in turn, and where the text begins. */
function readTable(bytes: Uint8Array): { numbers: number[]; end: number } | undefined {
  const cursor = { bytes, at: 1 };
  const numbers: number[] = [];
  for (;;) {
    const key = readVarint(cursor);
    if (key === TABLE_END) return { numbers, end: cursor.at };
    const value = readVarint(cursor);
    if (key === undefined || value === undefined) return undefined;
    numbers.push(key, value);
  }
}

function withTexts(numbers: readonly number[], text: string): SnapshotEntry[] | undefined {
  const entries: SnapshotEntry[] = [];
  const texts: string[] = [];
  let taken = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const key = numbers[at] ?? 0;
    const value = numbers[at + 1] ?? 0;
    if (key % 4 === Kind.Text) {
      if (value > text.length - taken) return undefined;
      texts.push(text.slice(taken, taken + value));
      taken += value;
    }
    const entry = entryOf(key, value, texts);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return taken === text.length ? entries : undefined;
}

function entryOf(key: number, value: number, texts: string[]): SnapshotEntry | undefined {
  const id = Math.floor(key / 4);
  switch (key % 4) {
    case Kind.Number:
      return { id, number: value, text: undefined };
    case Kind.Text:
      return { id, number: 0, text: texts.at(-1) };
    case Kind.Repeat: {
      const text = texts[value];
      return text === undefined ? undefined : { id, number: 0, text };
    }
    default:
      return undefined;
  }
}

function readVarint(cursor: { bytes: Uint8Array; at: number }): number | undefined {
  let value = 0;
  let weight = 1;
  for (;;) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) return undefined;
    value += (byte & 127) * weight;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte < 128) return value;
    weight *= 128;
  }
}
