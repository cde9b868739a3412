const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true });
const TWO_32 = 0x1_0000_0000;
const FIRST_CAPACITY = 4096;
/** Up to here a loop over characters is faster than the decoder. */
const SHORT_TEXT = 96;

/** Writes numbers and texts in network byte order into a buffer that grows. */
export class WireWriter {
  #bytes: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Offset of the next byte. */
  get length(): number {
    return this.#at;
  }

  clear(): void {
    this.#at = 0;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** A whole number below 2^53 in eight bytes. */
  u53(value: number): void {
    this.u32(Math.floor(value / TWO_32));
    this.u32(value % TWO_32);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    this.#reserve(4 + value.length * 3);
    const start = this.#at + 4;
    let at = start;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        at = start + TEXT_ENCODER.encodeInto(value, this.#bytes.subarray(start)).written;
        break;
      }
      this.#bytes[at++] = code;
    }
    this.#view.setUint32(this.#at, at - start);
    this.#at = at;
  }

  /** Overwrites the four bytes at `at`, kept free for a length. */
  patch32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what `WireWriter` wrote. It never throws: a read past the end gives 0 or '' and clears `ok`. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  #end: number;
  ok = true;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    if (!this.#has(1)) return 0;
    return this.#view.getUint8(this.#at++);
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  u53(): number {
    const value = this.u32() * TWO_32 + this.u32();
    if (Number.isSafeInteger(value)) return value;
    this.ok = false;
    return 0;
  }

  /** A view of the bytes, not a copy. */
  bytes(): Uint8Array {
    const length = this.u32();
    if (!this.#has(length)) return new Uint8Array(0);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const value = this.bytes();
    if (value.length <= SHORT_TEXT && value.every((code) => code < 0x80))
      return String.fromCharCode(...value);
    try {
      return TEXT_DECODER.decode(value);
    } catch {
      this.ok = false;
      return '';
    }
  }

  skip(count: number): void {
    if (this.#has(count)) this.#at += count;
  }

  /** Runs `read` with the end set `length` bytes ahead, and goes on behind it whatever `read` left over. */
  within<T>(length: number, read: (reader: WireReader) => T): T | undefined {
    if (!this.#has(length)) return undefined;
    const outer = this.#end;
    const end = this.#at + length;
    this.#end = end;
    const value = read(this);
    this.#at = end;
    this.#end = outer;
    return value;
  }

  #has(count: number): boolean {
    if (this.ok && count <= this.#end - this.#at) return true;
    this.ok = false;
    return false;
  }
}
