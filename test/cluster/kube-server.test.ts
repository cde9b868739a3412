import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findAccess } from '../../src/kube/credentials/find-access.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import { EventRecorder } from '../../src/kube/event-recorder.ts';
import { CONFIG_MAPS, EVENTS } from '../../src/kube/kinds.ts';
import { RestClient } from '../../src/kube/rest-client.ts';
import { until } from '../../src/local/until.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { refused } from '../integration/kube/api-under-test.ts';
import { ApiServerProcess } from './api-server-process.ts';

const START_MS = 120_000;
/** More than a server takes to tell of a change. */
const SILENCE_MS = 10_000;
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

test('a user is known by the certificate in a kubeconfig', async () => {
  const { url, caFile } = server.address;
  const { certificate, key } = server.identityOf({ commonName: 'alice', organization: 'callers' });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const file = join(mkdtempSync(join(tmpdir(), 'rehome-alice-')), 'kubeconfig');
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
  const document = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'alice', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'alice' } }],
  };
  writeFileSync(file, JSON.stringify(document));
  const transport = new HttpTransport({
    server: '',
    ...findAccess({ kubeconfig: file }, {}),
    random: Math.random,
  });
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = JSON.parse(await transport.ask({ method: 'POST', path, body: review })) as unknown;
  transport.close();
  rmSync(dirname(file), { recursive: true });
  expect(answer).toMatchObject({
    status: { userInfo: { username: 'alice', groups: expect.arrayContaining(['callers']) } },
  });
});

test(
  'an Event with more to say than fits is taken',
  async () => {
    const api = server.client();
    const failures: unknown[] = [];
    const recorder = new EventRecorder({
      ...{ api, clock: systemClock, wallMs: Date.now, controller: 'rehome-operator', instance: 'test' },
      onFailure: (error) => failures.push(error),
    });
    const about = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'wordy' } };
    const note = 'ü'.repeat(2000);
    recorder.record(about, { type: 'Warning', reason: 'Tested', action: 'Test', note });
    const isTold = async (): Promise<boolean> => {
      const { items } = await api.list(EVENTS, { namespace: 'default' });
      return items.some(({ regarding }) => regarding.name === 'wordy') || failures.length > 0;
    };
    await until(isTold, START_MS, 'the Event');
    expect(failures).toEqual([]);
    api.close();
  },
  START_MS,
);

test('a watch from a version that is yet to come, as after a backup was restored, is told nothing', async () => {
  const { url, caFile, adminToken } = server.address;
  const access = { server: url, ca: { file: caFile }, token: { text: adminToken } };
  const api = new RestClient({ ...access, random: Math.random, watchIdleMs: SILENCE_MS });
  const { resourceVersion } = await api.list(CONFIG_MAPS, { namespace: 'default' });
  const events: unknown[] = [];
  const { signal } = new AbortController();
  const ahead = String(Number(resourceVersion) + 1_000_000);
  const options = { namespace: 'default', resourceVersion: ahead, signal };
  const watch = api.watch(CONFIG_MAPS, options, (event) => events.push(event));
  watch.catch(() => undefined);
  await api.create(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { namespace: 'default', name: 'untold' },
  });
  await expect(watch).rejects.toEqual(refused('Silent', 0));
  expect(events).toEqual([]);
  api.close();
}, 120_000);

test('a token that the server does not know is Unauthorized', async () => {
  const stranger = server.client('no-such-token');
  await expect(stranger.get(CONFIG_MAPS, REF)).rejects.toEqual(refused('Unauthorized', 401));
  stranger.close();
});
