import { Kind } from './snapshot-format.ts';

const encoder = new TextEncoder();
/** A varint of a safe integer has at most eight bytes, a key at most two. */
const ENTRY_BYTES = 10;

/** Collects table entries and texts; one writer is used over and over, so that encoding allocates its result only. */
export class SnapshotWriter {
  #table = new Uint8Array(1_024);
  #used = 0;
  #text = '';
  #texts = 0;

  /** Writes a number that is not 0; readers take 0 for what is absent. */
  number(id: number, value: number): void {
    if (value !== 0) this.#entry(id * 4 + Kind.Number, value);
  }

  /** Writes a number, 0 too: for fields that begin a group. */
  mark(id: number, value: number): void {
    this.#entry(id * 4 + Kind.Number, value);
  }

  /** Writes a text unless it is empty, and returns its ordinal, -1 if it was empty. */
  text(id: number, value: string): number {
    if (value === '') return -1;
    this.#entry(id * 4 + Kind.Text, value.length);
    this.#text += value;
    return this.#texts++;
  }

  /** As {@link text}, but kept once where it equals an earlier text. */
  repeat(id: number, value: string, earlier: string, ordinal: number): number {
    if (ordinal < 0 || value !== earlier) return this.text(id, value);
    this.#entry(id * 4 + Kind.Repeat, ordinal);
    return ordinal;
  }

  /** The finished bytes; the writer is empty afterwards. */
  finish(version: number): Uint8Array {
    const tableLength = this.#used;
    const text = encoder.encode(this.#text);
    this.#text = '';
    this.#texts = 0;
    // The length of the table is a varint behind it in the scratch, copied before it in the result.
    this.#reserve();
    this.#varint(tableLength);
    const lengthBytes = this.#used - tableLength;
    const bytes = new Uint8Array(1 + lengthBytes + tableLength + text.length);
    bytes[0] = version;
    bytes.set(this.#table.subarray(tableLength, this.#used), 1);
    bytes.set(this.#table.subarray(0, tableLength), 1 + lengthBytes);
    bytes.set(text, 1 + lengthBytes + tableLength);
    this.#used = 0;
    return bytes;
  }

  #entry(key: number, value: number): void {
    this.#reserve();
    this.#varint(key);
    this.#varint(value);
  }

  #reserve(): void {
    if (this.#used + ENTRY_BYTES <= this.#table.length) return;
    const larger = new Uint8Array(this.#table.length * 2);
    larger.set(this.#table);
    this.#table = larger;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.#table[this.#used++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#table[this.#used++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#table[this.#used++] = rest;
  }
}
