import type { VoterStore } from './voter-store.ts';

const RETRY_MS = 1000;

/** What the writer tells the one who made it. */
export interface VoterWriterEvents {
  /** Everything up to this token is kept. */
  saved(token: number): void;
  /** A write failed and is tried again; nothing is confirmed meanwhile. */
  failed(error: Error): void;
}

/** Writes a voter's memory, one version at a time: while a write is under way, only the newest waits. */
export class VoterWriter {
  readonly #store: VoterStore;
  readonly #events: VoterWriterEvents;
  #waiting: { token: number; bytes: Uint8Array } | undefined;
  #writing: Promise<void> | undefined;
  #closing = false;

  constructor(store: VoterStore, events: VoterWriterEvents) {
    this.#store = store;
    this.#events = events;
  }

  /** Writes bytes that contain all that earlier ones did. */
  save(token: number, bytes: Uint8Array): void {
    this.#waiting = { token, bytes };
    this.#writing ??= this.#writeAll();
  }

  /** Waits for the writes under way; one that fails is not tried again. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting !== undefined) {
      const { token, bytes } = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#store.write(bytes);
        this.#events.saved(token);
      } catch (error) {
        this.#events.failed(error as Error);
        this.#waiting ??= { token, bytes };
        if (this.#closing) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#writing = undefined;
  }
}
