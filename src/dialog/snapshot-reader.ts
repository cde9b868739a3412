import { Kind } from './snapshot-format.ts';

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
  const cursor = { bytes, at: 1, end: bytes.length };
  const tableLength = readVarint(cursor);
  if (tableLength === undefined || tableLength > bytes.length - cursor.at) return undefined;
  cursor.end = cursor.at + tableLength;
  const text = decoder.decode(bytes.subarray(cursor.end));
  if (text.includes(CANNOT_DECODE)) return undefined;
  return readTable(cursor, text);
}

interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
}

function readTable(cursor: Cursor, text: string): SnapshotEntry[] | undefined {
  const entries: SnapshotEntry[] = [];
  const texts: string[] = [];
  let taken = 0;
  while (cursor.at < cursor.end) {
    const key = readVarint(cursor);
    const value = readVarint(cursor);
    if (key === undefined || value === undefined) return undefined;
    const kind = key % 4;
    if (kind === Kind.Text) {
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

function readVarint(cursor: Cursor): number | undefined {
  let value = 0;
  let weight = 1;
  while (cursor.at < cursor.end) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 127) * weight;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte < 128) return value;
    weight *= 128;
  }
  return undefined;
}
