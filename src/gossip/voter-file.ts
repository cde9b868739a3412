import { list, struct, text, u32, type Codec } from './field.ts';
import type { RosterMember, TagEpoch } from './message.ts';
import { rosterMember, tagEpoch } from './message-codec.ts';
import type { Owner } from './owner.ts';
import { WireReader, WireWriter } from './wire.ts';

/** What a voter must not forget (OWNERSHIP 1). */
export interface VoterState {
  /** Random, made with the file: a voter that lost its file is another voter. */
  voterId: string;
  roster: StoredRoster;
  /** Highest grant per tag. */
  grants: TagGrant[];
  /** Nothing is granted at or below these. */
  floor: TagEpoch[];
}

export interface StoredRoster {
  number: number;
  members: StoredMember[];
}

export interface StoredMember extends RosterMember {
  /** The id that an older roster bound to this name. */
  formerId: string;
}

export interface TagGrant extends Owner {
  tag: string;
}

/** "RHVF", then the version of the layout. */
const MAGIC = 0x5248_5646;
const FILE_VERSION = 1;
const HEAD_LENGTH = 5;
const CHECKSUM_LENGTH = 4;

const member: Codec<StoredMember> = struct<StoredMember>({ ...rosterMember, formerId: [5, text] });
const roster: Codec<StoredRoster> = struct<StoredRoster>({ number: [1, u32], members: [2, list(member)] });
const body: Codec<VoterState> = struct<VoterState>({
  voterId: [1, text],
  roster: [2, roster],
  grants: [3, list(struct<TagGrant>({ tag: [1, text], epoch: [2, u32], pod: [3, text], boot: [4, text] }))],
  floor: [4, list(tagEpoch)],
});

export function encodeVoterFile(state: VoterState): Uint8Array {
  const writer = new WireWriter();
  writer.u32(MAGIC);
  writer.u8(FILE_VERSION);
  body.write(writer, state);
  writer.u32(checksum(writer.take()));
  return writer.take();
}

/** The state in a voter file; undefined if the file is damaged or of another version. */
export function decodeVoterFile(bytes: Uint8Array): VoterState | undefined {
  const end = bytes.length - CHECKSUM_LENGTH;
  if (end < HEAD_LENGTH) return undefined;
  if (new WireReader(bytes, end).u32() !== checksum(bytes.subarray(0, end))) return undefined;
  const reader = new WireReader(bytes, 0, end);
  if (reader.u32() !== MAGIC || reader.u8() !== FILE_VERSION) return undefined;
  const state = body.read(reader);
  return reader.ok && state.voterId !== '' ? state : undefined;
}

/** CRC-32 of ISO 3309, as gzip has it. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
