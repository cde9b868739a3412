import type { Clock } from '../runtime/clock.ts';

/** Wait after the first failure of a key; each further one doubles it. */
const FIRST_BACK_OFF_MS = 5;
/** Longest wait: what failed for a while is tried twice a minute. */
const MAX_BACK_OFF_MS = 30_000;

/** What a queue works by. */
export interface WorkQueueOptions {
  clock: Clock;
  /** Does what the key stands for; a number asks for the key again after so many ms, an error after a back-off. */
  work: (key: string) => Promise<number | undefined>;
  /** Told of each error, with how often the key failed in a row and when it is tried again. */
  onFailure?: (key: string, error: unknown, retry: { failures: number; afterMs: number }) => void;
  /** Keys worked on at a time, 1 if left out. */
  workers?: number;
}

/**
 * Keys to work on, as in client-go: a key is queued once however often it is added, never worked on twice at a time, and
 * worked on again if it was added meanwhile.
 */
export class WorkQueue {
  private readonly options: WorkQueueOptions;
  /** In the order in which they came. */
  private readonly waiting = new Set<string>();
  private readonly working = new Set<string>();
  /** Added while they were worked on. */
  private readonly again = new Set<string>();
  /** When a key is due that was added for later. */
  private readonly dueMs = new Map<string, number>();
  private readonly failures = new Map<string, number>();
  private readonly idle: (() => void)[] = [];
  private stopped = false;

  constructor(options: WorkQueueOptions) {
    this.options = options;
  }

  /** Keys that are queued, without those that wait for their time. */
  get depth(): number {
    return this.waiting.size + this.again.size;
  }

  /** Queues the key now, even if it waits for a back-off. */
  add(key: string): void {
    if (this.stopped) return;
    this.dueMs.delete(key);
    if (this.working.has(key)) this.again.add(key);
    else this.waiting.add(key);
    this.startNext();
  }

  /** Queues the key in `delayMs`, unless it is queued sooner. */
  addAfter(key: string, delayMs: number): void {
    if (this.stopped) return;
    const { clock } = this.options;
    const due = clock.nowMs() + delayMs;
    if (due >= (this.dueMs.get(key) ?? Infinity)) return;
    this.dueMs.set(key, due);
    clock.after(delayMs, () => {
      // Another time may have been set, or the key added, since.
      if (this.dueMs.get(key) === due) this.add(key);
    });
  }

  /** Takes no more keys; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    this.again.clear();
    this.dueMs.clear();
    if (this.working.size === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }

  private startNext(): void {
    const { workers = 1 } = this.options;
    for (const key of this.waiting) {
      if (this.working.size >= workers) return;
      this.waiting.delete(key);
      this.working.add(key);
      void this.process(key);
    }
  }

  private async process(key: string): Promise<void> {
    try {
      const againAfterMs = await this.options.work(key);
      this.failures.delete(key);
      if (againAfterMs !== undefined) this.addAfter(key, againAfterMs);
    } catch (error) {
      this.failed(key, error);
    }
    this.working.delete(key);
    if (this.again.delete(key)) this.add(key);
    this.startNext();
    if (this.working.size === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private failed(key: string, error: unknown): void {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    const afterMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), MAX_BACK_OFF_MS);
    this.addAfter(key, afterMs);
    this.options.onFailure?.(key, error, { failures, afterMs });
  }
}
