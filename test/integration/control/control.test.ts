import { request, type RequestOptions } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlProblem, ControlReport } from '../../../src/api/control.ts';
import { clientSettings } from '../../../src/mesh/tls-settings.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import { pause, until } from '../../../src/local/until.ts';
import { Fleet } from '../../e2e/fleet.ts';
import { controlPort, Steering, withControl } from '../../e2e/steering.ts';

const TIMEOUT_MS = 60_000;
const WITHIN_MS = 10_000;
const TAGS = ['one', 'two', 'three'];

interface Answer {
  status: number;
  body: ControlReport & ControlProblem;
}

describe('the control API of a pod', () => {
  let fleet: Fleet;
  let steering: Steering;

  beforeAll(async () => {
    fleet = await Fleet.start({
      configure: (config, place) => {
        withControl(config, place);
        config['shards'] = TAGS;
      },
    });
    const tags = TAGS.map((tag) => ({ tag, group: '', placement: [] }));
    steering = new Steering(fleet.pods, tags, 'callees.example:5060');
  }, TIMEOUT_MS);

  afterAll(async () => {
    steering.close();
    await fleet.stop();
  });

  /** One request over a connection of its own. */
  function send(
    options: RequestOptions,
    body = '',
    secret = 'a-key-of-this-machine-only-32-bytes',
  ): Promise<Answer> {
    const ring = new KeyRing([{ id: 'local', secret: Buffer.from(secret) }]);
    const where = { host: fleet.pod(0).place.http.address, port: controlPort, agent: false as const };
    return new Promise((resolve, reject) => {
      const sent = request({ ...clientSettings(ring), ...where, ...options }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] });
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  function state(change: object = {}): string {
    const zero = { term: 0, generation: 0, handOver: [], cordoned: false, cordonReason: '' };
    return JSON.stringify({ ...zero, ...steering.shared, ...change });
  }

  const put: RequestOptions = { method: 'PUT', path: '/v1/state' };

  test('takes a state, and refuses an older one, whoever sends it', async () => {
    expect(await send(put, state({ term: 7, generation: 3 }))).toMatchObject({
      status: 200,
      body: { term: 7, generation: 3, status: { pod: 'edge-0', ready: true } },
    });
    for (const older of [
      { term: 7, generation: 2 },
      { term: 6, generation: 9 },
    ])
      expect(await send(put, state(older))).toMatchObject({ status: 409, body: { code: 'CONTROL_STALE' } });
    for (const newer of [
      { term: 7, generation: 3 },
      { term: 8, generation: 1 },
    ])
      expect(await send(put, state(newer))).toMatchObject({ status: 200, body: newer });
  });

  test('names every problem of a state that it cannot take', async () => {
    const answer = await send(
      put,
      state({ cordoned: 'yes', tags: [{ tag: 'one', group: '', placement: 'x' }] }),
    );
    expect(answer).toMatchObject({ status: 400, body: { code: 'CONTROL_BODY' } });
    expect(answer.body.message).toContain('cordoned: ');
    expect(answer.body.message).toContain('tags[0].placement: ');
    expect(await send(put, '{"term":')).toMatchObject({ status: 400, body: { code: 'CONTROL_BODY' } });
  });

  test('refuses what is too long, unknown paths and other methods', async () => {
    expect(await send(put, ' '.repeat(4 * 1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { code: 'CONTROL_TOO_LARGE' },
    });
    expect(await send({ path: '/v1/other' })).toMatchObject({ status: 404, body: { code: 'CONTROL_PATH' } });
    expect(await send({ method: 'POST', path: '/v1/state' })).toMatchObject({
      status: 405,
      body: { code: 'CONTROL_METHOD' },
    });
  });

  test('is closed to strangers, who are counted', async () => {
    await expect(send(put, state(), 'a-key-of-somebody-else-32-bytes-long')).rejects.toThrow();
    const metrics = await (await fetch(`${fleet.pod(0).url}/metrics`)).text();
    expect(metrics).toMatch(/rehome_drops_total\{reason="control_stranger"\} [1-9]/);
  });

  test('answers a report when something changes, not before, and after the wait in any case', async () => {
    const { body: first } = await send({ path: '/v1/report' });
    const same = await send({ path: `/v1/report?since=${first.version}&wait=0.2` });
    expect(same.body.version).toBe(first.version);
    let answered = false;
    const next = send({ path: `/v1/report?since=${first.version}&wait=30` }).then(({ body }) => {
      answered = true;
      return body;
    });
    await pause(200);
    expect(answered).toBe(false);
    await send(put, state({ term: 9, cordoned: true, cordonReason: 'the node is cordoned' }));
    expect((await next).status).toMatchObject({ ready: false, reason: 'cordoned: the node is cordoned' });
    await send(put, state({ term: 9, generation: 1 }));
  });

  test('brings a new tag, which gets an owner', async () => {
    const tags = [...TAGS, 'four'].map((tag) => ({ tag, group: '', placement: ['edge-1', 'edge-2'] }));
    steering.shared.tags = tags;
    for (const pod of fleet.pods)
      await steering.client(pod).putState(JSON.parse(state({ term: 10 })) as never);
    await until(
      async () => (await steering.owned(fleet.pod(1))).includes('four'),
      WITHIN_MS,
      'an owner of four',
    );
    expect(await steering.owned(fleet.pod(0))).not.toContain('four');
  });
});
