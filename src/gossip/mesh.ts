import type { MeshEffect } from './effects.ts';
import { compileOptions, type MeshOptions, type MeshSettings, type RosterConfig } from './options.ts';
import type { Owner } from './owner.ts';
import type { MeshReport } from './report.ts';

/** A change of a record that the program holds. */
export interface Change {
  tag: string;
  key: string;
  /** Grows with every change of the record within an epoch. */
  version: number;
  /** Send at once: an answer waits for the acknowledgement. Others share a frame within some milliseconds. */
  prompt: boolean;
}

/** A record that came with a forwarded message. */
export interface ForwardedRecord {
  tag: string;
  key: string;
  epoch: number;
  version: number;
  bytes: Uint8Array;
}

/**
 * One member of the mesh (`OWNERSHIP.md`), without I/O: inputs are calls with a monotonic time, outputs the effects that
 * the shell takes after each input, or at the end of its turn for `put`s that are not prompt.
 */
export class Mesh {
  readonly #settings: MeshSettings;

  constructor(options: MeshOptions, voterFile: Uint8Array | undefined, nowMs: number, random: () => number) {
    this.#settings = compileOptions(options);
    void voterFile;
    void nowMs;
    void random;
  }

  /** When `tick` wants to be called next, at the latest. */
  get nextTickAt(): number {
    throw new Error('not yet');
  }

  /** A datagram of a known member; who sent it was checked by the shell. */
  receiveProbe(from: string, bytes: Uint8Array, nowMs: number): void {
    throw new Error(`not yet ${from} ${String(bytes.length)} ${String(nowMs)}`);
  }

  /** Bytes as they come from the peer's stream. */
  receiveFrames(peer: string, bytes: Uint8Array, nowMs: number): void {
    throw new Error(`not yet ${peer} ${String(bytes.length)} ${String(nowMs)}`);
  }

  /** The one stream with `peer` is up; an older one was reported closed before. */
  streamOpened(peer: string, nowMs: number): void {
    throw new Error(`not yet ${peer} ${String(nowMs)}`);
  }

  /** `remote`: the other end closed or reset it. `error`: this end did, or the path broke. */
  streamClosed(peer: string, how: 'remote' | 'error', nowMs: number): void {
    throw new Error(`not yet ${peer} ${how} ${String(nowMs)}`);
  }

  /** A connection attempt to `peer` was refused (ECONNREFUSED), not timed out. */
  connectRefused(peer: string, nowMs: number): void {
    throw new Error(`not yet ${peer} ${String(nowMs)}`);
  }

  /** The file of that `save` effect, or a later one, is on disk. */
  saved(token: number, nowMs: number): void {
    throw new Error(`not yet ${String(token)} ${String(nowMs)}`);
  }

  tick(nowMs: number): void {
    throw new Error(`not yet ${String(nowMs)}`);
  }

  /** Replicates a change; returns its sequence within the tag for `acknowledged`, 0 if this pod is not the tag's owner. */
  put(change: Change, nowMs: number): number {
    throw new Error(`not yet ${change.key} ${String(nowMs)}`);
  }

  /** The record has ended for good; returns as `put` does. */
  end(tag: string, key: string, nowMs: number): number {
    throw new Error(`not yet ${tag} ${key} ${String(nowMs)}`);
  }

  /** Takes a forwarded record; true if it is newer than what is known, so that the program must take it, too. */
  merge(record: ForwardedRecord, nowMs: number): boolean {
    throw new Error(`not yet ${record.key} ${String(nowMs)}`);
  }

  /** Begins a planned move of `tag` to `pod`; returns why not, or undefined if it has begun. */
  handOver(tag: string, pod: string, nowMs: number): string | undefined {
    throw new Error(`not yet ${tag} ${pod} ${String(nowMs)}`);
  }

  /** Sends opaque bytes to the program of `pod` on its stream; false if there is none. Nothing is kept for later. */
  send(pod: string, payload: Uint8Array): boolean {
    throw new Error(`not yet ${pod} ${String(payload.length)}`);
  }

  /** Whether this pod owns `tag` and holds the lease at `nowMs`: asked before each act of its own. */
  mayAct(tag: string, nowMs: number): boolean {
    throw new Error(`not yet ${tag} ${String(nowMs)}`);
  }

  /** The newest owner known, alive or not. */
  ownerOf(tag: string): Owner | undefined {
    throw new Error(`not yet ${tag}`);
  }

  /** Takes a roster with a higher number; voters write it before they use it and pass it on. */
  adoptRoster(roster: RosterConfig, nowMs: number): void {
    throw new Error(`not yet ${String(roster.number)} ${String(nowMs)}`);
  }

  report(nowMs: number): MeshReport {
    throw new Error(`not yet ${this.#settings.self.pod} ${String(nowMs)}`);
  }

  /** What the shell must do now, in order; the list is the caller's. */
  takeEffects(): MeshEffect[] {
    throw new Error('not yet');
  }
}
