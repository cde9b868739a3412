import type { MeshCore } from './core.ts';
import type { TagState } from './tag-state.ts';
import type { Ownership } from './ownership.ts';
import type { ReplicationStreams } from './replication-stream.ts';

/** OWNERSHIP 5: how long the owner waits for the receiver's claim before it claims anew itself. */
const RECEIVER_MS = 1000;

/** The owner's side of a planned move. */
export class Handover {
  readonly #core: MeshCore;
  readonly #ownership: Ownership;
  readonly #streams: ReplicationStreams;

  constructor(core: MeshCore, ownership: Ownership, streams: ReplicationStreams) {
    this.#core = core;
    this.#ownership = ownership;
    this.#streams = streams;
  }

  /** Pauses, releases the tag to `pod` at its final position; returns why not. */
  begin(state: TagState, pod: string): string | undefined {
    const { owning } = state;
    if (owning === undefined) return 'this pod does not own the tag';
    if (owning.phase !== 'active') return `the tag is ${owning.phase}`;
    if (!this.#ownership.mayAct(state)) return 'this pod does not hold the lease';
    if (owning.streams.get(pod)?.state !== 'synced') return `${pod} is not in sync`;
    this.#streams.flush(state, owning);
    owning.phase = 'paused';
    owning.pausedAtMs = this.#core.nowMs;
    state.release = { epoch: owning.epoch, to: pod, sequence: owning.flushed };
    this.#core.emit({ kind: 'paused', tag: state.tag, epoch: owning.epoch, to: pod });
    this.#core.frames(this.#core.linked(), { kind: 'release', tag: state.tag, ...state.release });
    this.#core.wakeAt(this.#core.nowMs + RECEIVER_MS);
    return undefined;
  }

  tick(state: TagState): void {
    const { owning } = state;
    if (owning?.phase !== 'paused' || owning.renewAtMs < Infinity) return;
    const expiresAtMs = owning.pausedAtMs + RECEIVER_MS;
    if (this.#core.nowMs < expiresAtMs) {
      this.#core.wakeAt(expiresAtMs);
      return;
    }
    this.#core.note(
      'handover-expired',
      { tag: state.tag },
      `${state.release?.to ?? ''} did not take the tag`,
    );
    owning.renewAtMs = this.#core.nowMs;
  }
}
