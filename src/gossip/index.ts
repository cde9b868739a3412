export { Mesh, type Change, type ForwardedRecord } from './mesh.ts';
export type {
  Member,
  MeshOptions,
  PeerConfig,
  RecordSource,
  Role,
  RosterConfig,
  TagConfig,
} from './options.ts';
export type { Merged, MeshEffect, NoteCode, RecordCopy, TakenOver } from './effects.ts';
export type { BrokenCode } from './frame.ts';
export type { ClaimReason, Owner } from './owner.ts';
export type { MemberReport, MeshReport, TagReport } from './report.ts';
export { decodeVoterFile, encodeVoterFile, type VoterState } from './voter-file.ts';
