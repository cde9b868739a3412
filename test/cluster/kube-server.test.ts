import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CONFIG_MAPS } from '../../src/kube/kinds.ts';
import { refused } from '../integration/kube/api-under-test.ts';
import { ApiServerProcess } from './api-server-process.ts';

const START_MS = 120_000;
const REF = { namespace: 'default', name: 'kept' };

const server = new ApiServerProcess();
beforeAll(() => server.start(), START_MS);
afterAll(() => server.close());

test('a server that is started again has its data, and is Unreachable meanwhile', async () => {
  const api = server.client();
  const made = await api.create(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    ...{ metadata: REF, data: { a: '1' } },
  });
  await server.stopServer();
  await expect(api.get(CONFIG_MAPS, REF)).rejects.toEqual(refused('Unreachable', 0));
  await server.start();
  const { metadata, data } = await api.get(CONFIG_MAPS, REF);
  expect([metadata.uid, data]).toEqual([made.metadata.uid, { a: '1' }]);
  api.close();
}, 120_000);

test('a token that the server does not know is Unauthorized', async () => {
  const stranger = server.client('no-such-token');
  await expect(stranger.get(CONFIG_MAPS, REF)).rejects.toEqual(refused('Unauthorized', 401));
  stranger.close();
});
