/** Where a voter's memory is kept: a pod's file, the operator's objects. */
export interface VoterStore {
  /** What was written last, undefined if nothing ever was. Rejects if it is there and cannot be read. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves once the bytes outlive this process; they contain all that earlier ones did. Called one at a time. */
  write(bytes: Uint8Array): Promise<void>;
}
