import { expect } from '@jest/globals';
import type { KubeApi, KubeErrorReason } from '../../../src/kube/api.ts';
import { memoryKubernetes } from '../../unit/kube/memory-kubernetes.ts';

/** An API under test, and what only the one who runs it can do. */
export interface ApiUnderTest {
  api: KubeApi;
  /** Forgets past changes, as a server does after minutes. */
  compact: () => void;
  bookmark: () => void;
  close: () => Promise<void>;
}

/** What keeps the contract of `KubeApi`. */
export const IMPLEMENTATIONS: [name: string, open: () => Promise<ApiUnderTest>][] = [
  ['the API in memory', openMemory],
];

function openMemory(): Promise<ApiUnderTest> {
  const api = memoryKubernetes();
  return Promise.resolve({
    api,
    compact: () => {
      api.compact();
    },
    bookmark: () => {
      api.bookmark();
    },
    close: () => Promise.resolve(),
  });
}

/** Matches the error of a refused request. */
export function refused(reason: KubeErrorReason, code: number): unknown {
  return expect.objectContaining({ name: 'KubeError', reason, code });
}
