import { KubeError, type KubeApi } from '../../../src/kube/api.ts';

/** An API for a process that is killed at its `writes`-th write, before or after it takes place. */
export class MortalApi {
  readonly api: KubeApi;
  #left: number;
  #isDead = false;
  readonly #afterwards: boolean;
  readonly #watches = new AbortController();

  constructor(inner: KubeApi, writes: number, afterwards: boolean) {
    this.#left = writes;
    this.#afterwards = afterwards;
    const read = <T>(ask: () => Promise<T>): Promise<T> => this.#read(ask);
    const write = <T>(ask: () => Promise<T>): Promise<T> => this.#write(ask);
    this.api = {
      get: (kind, ref) => read(() => inner.get(kind, ref)),
      list: (kind, selection) => read(() => inner.list(kind, selection)),
      watch: (kind, options, onEvent) => {
        const signal = AbortSignal.any([options.signal, this.#watches.signal]);
        return read(() => inner.watch(kind, { ...options, signal }, onEvent));
      },
      create: (kind, object) => write(() => inner.create(kind, object)),
      apply: (kind, object, options) => write(() => inner.apply(kind, object, options)),
      patch: (kind, ref, operations, options) =>
        // The Lease is no step of a plan.
        kind.kind === 'Lease'
          ? read(() => inner.patch(kind, ref, operations, options))
          : write(() => inner.patch(kind, ref, operations, options)),
      delete: (kind, ref, options) => write(() => inner.delete(kind, ref, options)),
      evict: (ref, options) => write(() => inner.evict(ref, options)),
    };
  }

  /** The process must be stopped. */
  get isDead(): boolean {
    return this.#isDead;
  }

  async #read<T>(ask: () => Promise<T>): Promise<T> {
    this.#mustLive();
    return ask();
  }

  async #write<T>(ask: () => Promise<T>): Promise<T> {
    this.#mustLive();
    const isLast = --this.#left <= 0;
    if (isLast) this.#end();
    if (!isLast) return ask();
    if (this.#afterwards) await ask();
    throw gone();
  }

  #end(): void {
    this.#isDead = true;
    this.#watches.abort();
  }

  #mustLive(): void {
    if (this.#isDead) throw gone();
  }
}

function gone(): KubeError {
  return new KubeError(0, 'Unreachable', 'this process is dead');
}
