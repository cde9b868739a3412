import { WireReader, type WireWriter } from './wire.ts';

/** Version of the frame layout; a change of it is a new protocol, fields are how it grows. */
const FRAME_VERSION = 1;
/** Bytes of a frame's head: length 4, version 1, kind 1, flags 2, sequence 4. */
const HEAD_LENGTH = 12;
/** A frame that says it is longer is broken. */
export const MAX_FRAME_LENGTH: number = 4 * 1024 * 1024;

/** Why bytes, or a whole stream, were refused; append-only. */
export type BrokenCode = 'too-long' | 'too-short' | 'version' | 'gap' | 'field' | 'stranger';

/** A frame as it lies in the bytes that arrived: kind, flags, sequence and its fields, still encoded. */
export interface Frame {
  kind: number;
  flags: number;
  sequence: number;
  fields: WireReader;
}

/** Begins a frame; `endFrame` gives it its length. Returns the offset that `endFrame` wants. */
export function beginFrame(writer: WireWriter, kind: number, sequence: number): number {
  const at = writer.length;
  writer.u32(0);
  writer.u8(FRAME_VERSION);
  writer.u8(kind);
  writer.u16(0);
  writer.u32(sequence);
  return at;
}

export function endFrame(writer: WireWriter, at: number): void {
  writer.patch32(at, writer.length - at - 4);
}

/** Reads the one frame of a datagram. */
export function readDatagram(bytes: Uint8Array): Frame | BrokenCode {
  if (bytes.length < HEAD_LENGTH) return 'too-short';
  const reader = new WireReader(bytes);
  const length = reader.u32();
  if (length !== bytes.length - 4) return length > bytes.length - 4 ? 'too-short' : 'too-long';
  return readHead(reader);
}

function readHead(reader: WireReader): Frame | BrokenCode {
  if (reader.u8() !== FRAME_VERSION) return 'version';
  return { kind: reader.u8(), flags: reader.u16(), sequence: reader.u32(), fields: reader };
}

/** Cuts a stream into frames and checks that none is missing: sequences count from 1. */
export class FrameDecoder {
  #pending: Uint8Array = new Uint8Array(0);
  #sequence = 0;
  #broken: BrokenCode | undefined;

  /** Calls `deliver` for each whole frame; a frame's fields are views of `chunk` or of a joined copy. Returns the code once broken. */
  feed(chunk: Uint8Array, deliver: (frame: Frame) => BrokenCode | undefined): BrokenCode | undefined {
    const bytes = this.#pending.length === 0 ? chunk : join(this.#pending, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (this.#broken === undefined && bytes.length - at >= 4) {
      const length = view.getUint32(at);
      if (length < HEAD_LENGTH - 4) this.#broken = 'too-short';
      else if (length > MAX_FRAME_LENGTH) this.#broken = 'too-long';
      else if (bytes.length - at - 4 < length) break;
      else this.#broken = this.#one(new WireReader(bytes, at + 4, at + 4 + length), deliver);
      at += 4 + length;
    }
    if (this.#broken === undefined) this.#pending = at < bytes.length ? bytes.slice(at) : new Uint8Array(0);
    return this.#broken;
  }

  #one(reader: WireReader, deliver: (frame: Frame) => BrokenCode | undefined): BrokenCode | undefined {
    const frame = readHead(reader);
    if (typeof frame === 'string') return frame;
    if (frame.sequence !== (this.#sequence + 1) % 0x1_0000_0000) return 'gap';
    this.#sequence = frame.sequence;
    return deliver(frame);
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
