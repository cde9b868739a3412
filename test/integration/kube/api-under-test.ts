import { expect } from '@jest/globals';
import type { KubeApi, KubeErrorReason } from '../../../src/kube/api.ts';
import { RestClient } from '../../../src/kube/rest-client.ts';
import { ApiServer } from '../../../src/local/kubernetes/api-server.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { memoryKubernetes } from '../../unit/kube/memory-kubernetes.ts';

/** An API under test, and what only the one who runs it can do. */
export interface ApiUnderTest {
  api: KubeApi;
  /** Forgets past changes, as a server does after minutes. */
  compact: () => Promise<void>;
  /** Makes it tell those who watch how far it has come, if that can be asked for. */
  bookmark: () => void;
  /** Has the PodDisruptionBudgets counted, where no controller does it. */
  countBudgets: () => Promise<void>;
  close: () => Promise<void>;
}

/** What keeps the contract of `KubeApi`: its name, and how one is opened that has no objects of the kinds that are used. */
export type Implementation = [name: string, open: () => Promise<ApiUnderTest>];

/** Those that need no other program. */
export const IMPLEMENTATIONS: Implementation[] = [
  ['the API in memory', openMemory],
  ['the API over HTTP', openServer],
];

function openMemory(): Promise<ApiUnderTest> {
  const api = memoryKubernetes();
  return Promise.resolve({
    api,
    compact: () => {
      api.compact();
      return Promise.resolve();
    },
    bookmark: () => {
      api.bookmark();
    },
    countBudgets: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
}

async function openServer(): Promise<ApiUnderTest> {
  const memory = await openMemory();
  const server = new ApiServer({
    api: memory.api as MemoryKubernetes,
    host: '127.0.0.1',
    port: 0,
    token: 'secret',
  });
  const client = new RestClient({
    server: await server.listen(),
    token: { text: 'secret' },
    random: () => 0,
  });
  return {
    ...memory,
    api: client,
    close: async () => {
      client.close();
      await server.close();
    },
  };
}

/** Matches the error of a refused request. */
export function refused(reason: KubeErrorReason, code: number): unknown {
  return expect.objectContaining({ name: 'KubeError', reason, code });
}
