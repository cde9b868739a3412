import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiServer } from '../../../src/local/kubernetes/api-server.ts';
import { memoryKubernetes } from '../../unit/kube/memory-kubernetes.ts';
import { cluster, configMap } from '../../unit/kube/samples.ts';

const CLUSTERS = '/apis/sip.rehome.dev/v1alpha1/namespaces/default/sipclusters';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe('the API server', () => {
  const server = new ApiServer({
    api: memoryKubernetes(),
    host: '127.0.0.1',
    port: 0,
    token: 'secret',
    ownPaths: (_request, response, { pathname }) => {
      if (pathname !== '/local/own') return false;
      response.end('"own"');
      return true;
    },
  });
  let base = '';

  beforeAll(async () => {
    base = await server.listen();
  });

  afterAll(() => server.close());

  interface Call {
    method?: string;
    body?: unknown;
    type?: string;
    token?: string;
  }

  async function call(
    path: string,
    { method = 'GET', body, type, token = 'secret' }: Call = {},
  ): Promise<{
    code: number;
    body: unknown;
  }> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': type ?? 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { code: response.status, body: text === 'ok' ? text : JSON.parse(text) };
  }

  test('answers nobody without the token, but for its health', async () => {
    expect(await call(CONFIG_MAPS, { token: 'wrong' })).toMatchObject({
      code: 401,
      body: { kind: 'Status', status: 'Failure', reason: 'Unauthorized' },
    });
    expect(await call('/local/own', { token: '' })).toMatchObject({ code: 401 });
    expect(await call('/readyz', { token: '' })).toEqual({ code: 200, body: 'ok' });
  });

  test('opens no port that others can reach', async () => {
    const open = new ApiServer({ api: memoryKubernetes(), host: '0.0.0.0', port: 0, token: '' });
    await expect(open.listen()).rejects.toThrow('loopback');
  });

  test('asks the paths of its owner first', async () => {
    expect(await call('/local/own')).toEqual({ code: 200, body: 'own' });
  });

  test('says which kinds it has', async () => {
    expect(await call('/apis')).toMatchObject({
      body: { groups: expect.arrayContaining([expect.objectContaining({ name: 'sip.rehome.dev' })]) },
    });
    expect(await call('/apis/sip.rehome.dev/v1alpha1')).toMatchObject({
      body: { resources: expect.arrayContaining([expect.objectContaining({ name: 'sipclusters/scale' })]) },
    });
  });

  test('takes an apply in YAML, a merge patch, a replacement and a scale', async () => {
    const yaml =
      'apiVersion: sip.rehome.dev/v1alpha1\nkind: SipCluster\nmetadata: {name: edge}\nspec: {replicas: 3}\n';
    const apply = { method: 'PATCH', type: 'application/apply-patch+yaml', body: yaml };
    const applied = await call(`${CLUSTERS}/edge?fieldManager=kubectl`, apply);
    expect(applied).toMatchObject({
      code: 200,
      body: { metadata: { namespace: 'default' }, spec: { replicas: 3 } },
    });
    const merge = { method: 'PATCH', type: 'application/merge-patch+json', body: { spec: { shards: 12 } } };
    expect(await call(`${CLUSTERS}/edge`, merge)).toMatchObject({
      body: { spec: { replicas: 3, shards: 12 } },
    });
    const scale = await call(`${CLUSTERS}/edge/scale`);
    expect(scale).toMatchObject({ body: { kind: 'Scale', spec: { replicas: 3 } } });
    const scaled = { ...(scale.body as object), spec: { replicas: 5 } };
    await call(`${CLUSTERS}/edge/scale`, { method: 'PUT', body: scaled });
    const replaced = await call(`${CLUSTERS}/edge/status`, {
      method: 'PUT',
      body: { ...cluster(), status: { phase: 'Ready' } },
    });
    expect(replaced).toMatchObject({
      body: { spec: { replicas: 5, shards: 12 }, status: { phase: 'Ready' } },
    });
  });

  test('an apply without force meets conflicts', async () => {
    const apply = (manager: string, data: object): ReturnType<typeof call> =>
      call(`${CONFIG_MAPS}/shared?fieldManager=${manager}`, {
        method: 'PATCH',
        type: 'application/apply-patch+yaml',
        body: { ...configMap('shared'), data },
      });
    await apply('one', { a: '1' });
    expect(await apply('two', { a: '2' })).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
  });

  test('selects by labels and fields', async () => {
    for (const name of ['x', 'y']) {
      const made = configMap(name);
      made.metadata.labels = { which: name };
      await call(CONFIG_MAPS, { method: 'POST', body: made });
    }
    const names = async (query: string): Promise<string[]> => {
      const { body } = await call(`${CONFIG_MAPS}?${query}`);
      return (body as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
    };
    expect(await names('labelSelector=which%3Dx')).toEqual(['x']);
    expect(await names('fieldSelector=metadata.name%3Dy')).toEqual(['y']);
    expect(await call(`${CONFIG_MAPS}?labelSelector=which+in+(x)`)).toMatchObject({ code: 400 });
  });

  test.each([
    ['a path of no kind', '/api/v1/namespaces/default/replicasets', {}, 404],
    ['a body that is no JSON', CONFIG_MAPS, { method: 'POST', body: '{' }, 400],
    ['a body that is no object', CONFIG_MAPS, { method: 'POST', body: '7' }, 400],
    [
      'another namespace',
      CONFIG_MAPS,
      { method: 'POST', body: { ...configMap('n'), metadata: { name: 'n', namespace: 'other' } } },
      400,
    ],
    [
      'a patch of no known type',
      `${CONFIG_MAPS}/x`,
      { method: 'PATCH', type: 'text/plain', body: '"x"' },
      415,
    ],
    [
      'a patch that is no list',
      `${CONFIG_MAPS}/x`,
      { method: 'PATCH', type: 'application/json-patch+json', body: {} },
      400,
    ],
    ['a method of no verb', `${CONFIG_MAPS}/x`, { method: 'OPTIONS' }, 405],
    ['an unknown part', `${CONFIG_MAPS}/x/nothing`, {}, 404],
    [
      'a write that is only to be tried',
      `${CONFIG_MAPS}?dryRun=All`,
      { method: 'POST', body: configMap('dry') },
      400,
    ],
    ['too much', CONFIG_MAPS, { method: 'POST', body: configMap('big', { a: 'a'.repeat(4_000_000) }) }, 413],
  ] as const)('refuses %s', async (_name, path, request, code) => {
    expect((await call(path, request)).code).toBe(code);
  });
});
