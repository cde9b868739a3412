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
  compact: () => void;
  bookmark: () => void;
  close: () => Promise<void>;
}

/** What keeps the contract of `KubeApi`. */
export const IMPLEMENTATIONS: [name: string, open: () => Promise<ApiUnderTest>][] = [
  ['the API in memory', openMemory],
  ['the API over HTTP', openServer],
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
