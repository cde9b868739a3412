import { Kind, TABLE_END } from './snapshot-format.ts';

const encoder = new TextEncoder();
/** A varint of a safe integer has at most eight bytes, a key at most two. */
const ENTRY_BYTES = 10;
/** UTF-8 of one UTF-16 unit has at most three. */
const BYTES_PER_UNIT = 3;

/** Collects table entries and texts; one writer is used over and over, so that encoding allocates its result only. */
export class SnapshotWriter {
  #bytes = new Uint8Array(4_096);
  /** The version byte is written last. */
  #used = 1;
  #text = '';
  #texts = 0;

  /** Writes a number above 0; readers take 0 for what is absent. */
  number(id: number, value: number): void {
    if (value > 0) this.#entry(id * 4 + Kind.Number, value);
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
    this.#bytes[0] = version;
    this.#reserve(ENTRY_BYTES);
    this.#bytes[this.#used++] = TABLE_END;
    this.#reserve(this.#text.length * BYTES_PER_UNIT);
    const { written } = encoder.encodeInto(this.#text, this.#bytes.subarray(this.#used));
    const bytes = this.#bytes.slice(0, this.#used + written);
    this.#used = 1;
    this.#text = '';
    this.#texts = 0;
    return bytes;
  }

  #entry(key: number, value: number): void {
    this.#reserve(ENTRY_BYTES);
    this.#varint(key);
    this.#varint(value);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(this.#bytes.length * 2 + bytes);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.#bytes[this.#used++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.#used++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#used++] = rest;
  }
}
