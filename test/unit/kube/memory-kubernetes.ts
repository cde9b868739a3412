import { MemoryKubernetes, type MemoryOptions } from '../../../src/local/kubernetes/memory-api.ts';

/** An API in memory with a clock that stands and uids that count. */
export function memoryKubernetes(options: Partial<MemoryOptions> = {}): MemoryKubernetes {
  let uids = 0;
  return new MemoryKubernetes({
    nowMs: () => Date.UTC(2026, 0, 1),
    newUid: () => `uid-${String(++uids)}`,
    ...options,
  });
}
