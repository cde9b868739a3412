import { isDeepStrictEqual } from 'node:util';
import { KubeError, type KubeApi } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import type { Pod } from '../../kube/objects.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { PodStatusBody } from './pod-status.ts';

/** A write that failed for a reason that passes is tried again after this. */
export const RETRY_MS = 1_000;
const TOO_MANY_REQUESTS = 429;

/** Keeps the status of one pod's object as it should be: one write at a time, the newest status only. */
export class StatusWriter {
  readonly #api: KubeApi;
  readonly #clock: Clock;
  #wanted: (() => PodStatusBody) | undefined;
  #written: PodStatusBody | undefined;
  #writing: Promise<void> | undefined;

  constructor(api: KubeApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Writes what `status` gives when its turn comes. Resolves when there is nothing left to write. */
  write(pod: Pod, status: () => PodStatusBody): Promise<void> {
    this.#wanted = status;
    this.#writing ??= this.#run(pod);
    return this.#writing;
  }

  async #run(pod: Pod): Promise<void> {
    // Never done before its promise is kept, even if there is nothing to write.
    await Promise.resolve();
    while (this.#wanted !== undefined) {
      const status = this.#wanted();
      this.#wanted = undefined;
      if (isDeepStrictEqual(status, this.#written)) continue;
      if (await this.#put(pod, status)) this.#written = status;
    }
    // In the same turn as the last look at what is wanted, so that no write falls in between.
    this.#writing = undefined;
  }

  /** False if the object is gone, or another of its name is there now. */
  async #put({ metadata }: Pod, status: PodStatusBody): Promise<boolean> {
    const { namespace = '', name, uid } = metadata;
    for (;;) {
      try {
        await this.#api.patch(
          PODS,
          { namespace, name },
          [
            { op: 'test', path: '/metadata/uid', value: uid },
            { op: 'add', path: '/status', value: status },
          ],
          { subresource: 'status' },
        );
        return true;
      } catch (error) {
        if (!isPassing(error)) return false;
        await new Promise<void>((resolve) => {
          this.#clock.after(RETRY_MS, resolve);
        });
      }
    }
  }
}

/** Whether the same write may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return true;
  return error.code === 0 || error.code === TOO_MANY_REQUESTS || error.code >= 500;
}
