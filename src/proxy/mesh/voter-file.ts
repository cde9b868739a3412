import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const RETRY_MS = 1000;

/** What the voter file tells the one who made it. */
export interface VoterFileEvents {
  /** Everything up to this token is on disk. */
  saved(token: number): void;
  /** A write failed and is tried again; nothing is confirmed meanwhile. */
  failed(error: Error): void;
}

/** The voter's memory on disk. Writes are durable before they are confirmed; while one is under way, only the newest waits. */
export class VoterFile {
  readonly #path: string;
  readonly #events: VoterFileEvents;
  #waiting: { token: number; bytes: Uint8Array } | undefined;
  #writing: Promise<void> | undefined;
  #closing = false;

  constructor(path: string, events: VoterFileEvents) {
    this.#path = path;
    this.#events = events;
  }

  /** Makes the folder. Gives what was last saved, undefined if there is no file; throws if one cannot be read. */
  read(): Uint8Array | undefined {
    mkdirSync(dirname(this.#path), { recursive: true });
    try {
      return readFileSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
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
        await writeDurably(this.#path, bytes);
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

/** Either the old or the new bytes are there after a crash at any moment, the new ones once this resolves. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const entry = await open(folder, 'r');
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}
