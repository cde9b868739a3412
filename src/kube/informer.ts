import type { KubeObject } from '../api/object-type.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  KubeError,
  type KubeApi,
  type KubeErrorReason,
  type ObjectRef,
  type ResourceKind,
  type Selection,
} from './api.ts';
import { ObjectCache, type Change } from './object-cache.ts';

/** Wait after a first failure, doubled by each further one, and the longest; each is stretched by up to itself. */
const BACK_OFF_MS = { first: 500, longest: 15_000 };
/** The longest pause that a server may ask for. */
const LONGEST_PAUSE_MS = 60_000;
/** A watch that ends sooner than this is a failure too: a server that cuts all of them must not be stormed. */
const SHORT_WATCH_MS = 1000;
/** A connection that was lost, and a server with too much to do, say nothing against the version that was reached. */
const KEEP_VERSION: readonly KubeErrorReason[] = ['Unreachable', 'TooManyRequests'];

/** Why all objects were listed. */
export type RelistCause = 'start' | 'expired' | 'silent' | 'error';

const RELIST_CAUSES: Partial<Record<KubeErrorReason, RelistCause>> = { Expired: 'expired', Silent: 'silent' };

/** What a list-watch is about, and who hears of it. */
export interface InformerOptions<T extends KubeObject> {
  api: KubeApi;
  kind: ResourceKind<T>;
  selection: Selection;
  clock: Clock;
  /** [0, 1). */
  random: () => number;
  /** Must only note what changed: it is called while the cache is brought up to date. */
  onChange: (change: Change<T>) => void;
  /** Called when all objects were listed. `found`: changes of which no watch had told. */
  onRelist?: (cause: RelistCause, found: number) => void;
  /** Called with each failure of a list or a watch. */
  onFailure?: (error: unknown) => void;
}

/** Keeps a copy of all objects of a selection: lists them, watches them, and begins again whatever happens. */
export class Informer<T extends KubeObject> {
  private readonly options: InformerOptions<T>;
  private readonly cache: ObjectCache<T>;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /** Where the next watch begins; undefined when all must be listed. */
  private version: string | undefined;
  private cause: RelistCause = 'start';
  private failures = 0;
  /** For how long the server wants to be left alone. */
  private pauseMs = 0;
  private synced = false;
  private listedMs = -Infinity;
  private heardMs = -Infinity;

  constructor(options: InformerOptions<T>) {
    this.options = options;
    this.cache = new ObjectCache(options.onChange);
  }

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Whether the cache was complete once. */
  hasSynced(): boolean {
    return this.synced;
  }

  /** When the server was last heard, by the clock; -Infinity before. */
  lastHeardMs(): number {
    return this.heardMs;
  }

  get(ref: ObjectRef): T | undefined {
    return this.cache.get(ref);
  }

  list(): T[] {
    return this.cache.list();
  }

  /** Whether the cache is at least as new as a write that was answered with `resourceVersion`. */
  hasSeen(resourceVersion: string): boolean {
    return this.version !== undefined && isAtLeast(this.version, resourceVersion);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (this.version === undefined) await this.relist();
        await this.watch(this.version ?? '');
      } catch (error) {
        this.failed(error);
      }
      if (this.failures > 0) await this.backOff();
    }
  }

  private async relist(): Promise<void> {
    const { api, kind, selection, clock, onRelist } = this.options;
    const { items, resourceVersion } = await api.list(kind, selection);
    if (this.stopping.signal.aborted) return;
    this.heardMs = this.listedMs = clock.nowMs();
    this.version = resourceVersion;
    const found = this.cache.replaceAll(items);
    this.synced = true;
    onRelist?.(this.cause, this.cause === 'start' ? 0 : found);
  }

  private async watch(resourceVersion: string): Promise<void> {
    const { api, kind, selection, clock } = this.options;
    const beganMs = clock.nowMs();
    const { signal } = this.stopping;
    // Its own signal, so that a stream that was left cannot speak any more.
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    try {
      await api.watch(kind, { ...selection, resourceVersion, signal: either }, (event) => {
        if (either.aborted) return;
        this.heardMs = clock.nowMs();
        this.failures = 0;
        if (event.type === 'BOOKMARK') this.version = event.resourceVersion;
        else {
          this.version = event.object.metadata.resourceVersion ?? this.version;
          this.cache.accept(event);
        }
      });
    } catch (error) {
      // Cut off after a good while: it is a first failure, not one more in a row.
      if (clock.nowMs() - beganMs >= SHORT_WATCH_MS && isUnreachable(error)) this.failures = 0;
      throw error;
    } finally {
      left.abort();
    }
    if (clock.nowMs() - beganMs < SHORT_WATCH_MS) this.failures++;
    else this.failures = 0;
  }

  private failed(error: unknown): void {
    const { clock, onFailure } = this.options;
    onFailure?.(error);
    const known = error instanceof KubeError ? error : undefined;
    const reason = known?.reason ?? 'InternalError';
    this.pauseMs = Math.min(known?.retryAfterMs ?? 0, LONGEST_PAUSE_MS);
    // Versions end; one that is refused when it was just given is a failure.
    const wasJustListed = clock.nowMs() - this.listedMs < SHORT_WATCH_MS;
    if (reason !== 'Expired' || this.version === undefined || wasJustListed) this.failures++;
    if (KEEP_VERSION.includes(reason)) return;
    this.cause = RELIST_CAUSES[reason] ?? 'error';
    this.version = undefined;
  }

  private async backOff(): Promise<void> {
    const { clock, random } = this.options;
    const { signal } = this.stopping;
    if (signal.aborted) return;
    const backOffMs = Math.min(BACK_OFF_MS.first * 2 ** (this.failures - 1), BACK_OFF_MS.longest);
    const base = Math.max(backOffMs, this.pauseMs);
    this.pauseMs = 0;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      clock.after(base * (1 + random()), end);
      signal.addEventListener('abort', end);
    });
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'Unreachable';
}

// Versions are numbers that can be compared (Kubernetes 1.35, KEP-5504), longer than a double holds.
function isAtLeast(version: string, other: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(other)) return version === other;
  return BigInt(version) >= BigInt(other);
}
