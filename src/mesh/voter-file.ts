import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { VoterStore } from './voter-store.ts';

/** A voter's memory in a file; any other memory of a process that outlives it is kept the same way. */
export class VoterFile implements VoterStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder, too. */
  async read(): Promise<Uint8Array | undefined> {
    await mkdir(dirname(this.#path), { recursive: true });
    try {
      return await readFile(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Either the old or the new bytes are there after a crash at any moment, the new ones once this resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    const draft = `${this.#path}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#path);
    const folder = await open(dirname(this.#path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
