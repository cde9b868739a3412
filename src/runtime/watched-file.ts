import { readFile } from 'node:fs/promises';
import { systemClock, type Clock } from './clock.ts';

/** How often a file is read, in ms: what a kubelet changes in a volume is a new folder behind the same path. */
const LOOK_EVERY_MS = 2_000;

/** What is heard of a watched file. */
export interface WatchedFileEvents {
  /** The content is another one than before. */
  changed(text: string): void;
  /** It cannot be read; told once until it can be read again. */
  failed(error: unknown): void;
}

/** Says when the content of a small text file changes, however it was replaced. */
export class WatchedFile {
  readonly #path: string;
  readonly #events: WatchedFileEvents;
  readonly #clock: Pick<Clock, 'after'>;
  #text: string | undefined;
  #readable = true;
  #stopped = false;

  constructor(path: string, events: WatchedFileEvents, clock: Pick<Clock, 'after'> = systemClock) {
    this.#path = path;
    this.#events = events;
    this.#clock = clock;
  }

  /** Begins; the first content is told, too. */
  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #look(): Promise<void> {
    try {
      this.#heard(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if (this.#readable && !this.#stopped) this.#events.failed(error);
      this.#readable = false;
    }
    if (!this.#stopped) this.#clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  #heard(text: string): void {
    this.#readable = true;
    if (this.#stopped || text === this.#text) return;
    this.#text = text;
    this.#events.changed(text);
  }
}
