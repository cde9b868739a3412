import type { RecordCopy } from './pod-message.ts';

/** The owner of a tag as this pod knows it. */
export interface TagOwner {
  pod: string;
  epoch: number;
}

/** What the call engine asks of the mesh. */
export interface MeshPort {
  /** Announces the next version of a record of an own tag; gives its sequence, undefined when the tag is not this pod's. */
  put(tag: string, key: string, version: number, prompt: boolean): number | undefined;
  end(tag: string, key: string): void;
  /** Takes in a record that came from a pod; what is newer than the mesh's own is told to the program before it returns. */
  merge(copy: RecordCopy): void;
  /** False when that pod cannot be reached now. */
  send(pod: string, payload: Uint8Array): boolean;
  /** Whether this pod owns the tag and its lease holds now. */
  mayAct(tag: string): boolean;
  ownerOf(tag: string): TagOwner | undefined;
  /** Whether this pod owns the tag, has all that others had of it, and is not handing it over. */
  isReady(tag: string): boolean;
  ownedTags(): readonly string[];
  inSyncStandbys(tag: string): number;
  /** The other pods that carry calls and are alive. */
  alivePods(): string[];
  isAlive(pod: string): boolean;
}
