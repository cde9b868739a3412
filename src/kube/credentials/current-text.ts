import { readFileSync } from 'node:fs';
import type { TextSource } from './access.ts';

/** Tokens of pods are renewed in their file well before they end, and certificates days before. */
const REREAD_MS = 60_000;

/** A text that may be in a file, which is read again each minute. */
export class CurrentText {
  readonly #source: TextSource;
  #text = '';
  #readAtMs = -Infinity;

  constructor(source: TextSource) {
    this.#source = source;
  }

  get isInFile(): boolean {
    return 'file' in this.#source;
  }

  /** Throws what reading throws if the file could never be read; later the last text stands. */
  get(): string {
    if ('text' in this.#source) return this.#source.text;
    const nowMs = performance.now();
    if (nowMs - this.#readAtMs <= REREAD_MS) return this.#text;
    try {
      this.#text = readFileSync(this.#source.file, 'utf8').trim();
    } catch (error) {
      if (this.#readAtMs === -Infinity) throw error;
    }
    this.#readAtMs = nowMs;
    return this.#text;
  }

  /** Reads the file the next time in any case. */
  forget(): void {
    if (this.#readAtMs !== -Infinity) this.#readAtMs = performance.now() - REREAD_MS - 1;
  }
}
