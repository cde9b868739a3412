import type { KubeObject } from '../../src/api/object-type.ts';
import {
  KubeError,
  type JsonPatchOperation,
  type KubeApi,
  type ObjectRef,
  type ResourceKind,
  type Selection,
  type Subresource,
  type WatchEvent,
} from '../../src/kube/api.ts';

/** How probable each fault is, 0 to 1 for each request or event. */
export interface ApiFaults {
  /** A patch or an apply is refused as if somebody else had written just before. */
  conflict: number;
  /** A request is answered with 500 and does nothing. */
  serverError: number;
  /** A request does not arrive: `Unreachable`. */
  lostRequest: number;
  /** A write takes place, its answer is lost: `Unreachable`. */
  lostAnswer: number;
  /** A read gives what the same read gave before. */
  staleRead: number;
  /** A watch ends after an event. */
  cutWatch: number;
}

/** No fault at all. */
export const NO_FAULTS: ApiFaults = {
  conflict: 0,
  serverError: 0,
  lostRequest: 0,
  lostAnswer: 0,
  staleRead: 0,
  cutWatch: 0,
};

/** What the faults are drawn by. */
export interface FaultyOptions {
  /** [0, 1), seeded. */
  random: () => number;
  /** May be changed at any time. */
  faults: ApiFaults;
  /** Hands on an event of a watch, later if the watcher is to lag; tasks must run in their order. */
  deliver?: (task: () => void) => void;
}

/** An API between a client and `inner` that fails as networks and servers do. */
export class FaultyApi implements KubeApi {
  readonly faults: ApiFaults;
  private readonly inner: KubeApi;
  private readonly random: () => number;
  private readonly deliver: (task: () => void) => void;
  /** The last answer to each read. */
  private readonly answers = new Map<string, unknown>();

  constructor(inner: KubeApi, options: FaultyOptions) {
    this.inner = inner;
    this.random = options.random;
    this.faults = { ...options.faults };
    this.deliver =
      options.deliver ??
      ((task) => {
        task();
      });
  }

  get<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T> {
    return this.read(`get ${kind.plural} ${ref.namespace}/${ref.name}`, () => this.inner.get(kind, ref));
  }

  list<T extends KubeObject>(
    kind: ResourceKind<T>,
    selection: Selection,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    return this.read(`list ${kind.plural} ${JSON.stringify(selection)}`, () =>
      this.inner.list(kind, selection),
    );
  }

  async watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: Selection & { resourceVersion: string; signal: AbortSignal },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    this.failBefore();
    const cut = new AbortController();
    const signal = AbortSignal.any([options.signal, cut.signal]);
    await this.inner.watch(kind, { ...options, signal }, (event) => {
      this.deliver(() => {
        if (signal.aborted) return;
        onEvent(event);
        if (this.happens('cutWatch')) cut.abort();
      });
    });
  }

  create<T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T> {
    return this.write(() => this.inner.create(kind, object));
  }

  apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: { fieldManager: string; subresource?: Subresource },
  ): Promise<T> {
    return this.change(() => this.inner.apply(kind, object, options));
  }

  patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options?: { subresource?: Subresource },
  ): Promise<T> {
    return this.change(() => this.inner.patch(kind, ref, operations, options));
  }

  delete(
    kind: ResourceKind,
    ref: ObjectRef,
    options?: { gracePeriodSeconds?: number; uid?: string },
  ): Promise<void> {
    return this.write(() => this.inner.delete(kind, ref, options));
  }

  evict(ref: ObjectRef, options?: { gracePeriodSeconds?: number }): Promise<void> {
    return this.write(() => this.inner.evict(ref, options));
  }

  private async read<T>(question: string, ask: () => Promise<T>): Promise<T> {
    this.failBefore();
    const before = this.answers.get(question);
    // Only this question's answers are kept under it.
    if (before !== undefined && this.happens('staleRead')) return structuredClone(before) as T;
    const answer = await ask();
    this.answers.set(question, structuredClone(answer));
    return answer;
  }

  private async change<T>(work: () => Promise<T>): Promise<T> {
    if (this.happens('conflict')) throw new KubeError(409, 'Conflict', 'the object has been modified');
    return this.write(work);
  }

  private async write<T>(work: () => Promise<T>): Promise<T> {
    this.failBefore();
    const answer = await work();
    if (this.happens('lostAnswer')) throw new KubeError(0, 'Unreachable', 'the answer was lost');
    return answer;
  }

  private failBefore(): void {
    if (this.happens('lostRequest')) throw new KubeError(0, 'Unreachable', 'the request was lost');
    if (this.happens('serverError')) throw new KubeError(500, 'InternalError', 'the server is sick');
  }

  private happens(fault: keyof ApiFaults): boolean {
    return this.faults[fault] > 0 && this.random() < this.faults[fault];
  }
}
