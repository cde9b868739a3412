import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { WatchEvent } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, PODS, SECRETS } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { RestClient, type RestConfig } from '../../../src/kube/rest-client.ts';
import { refused } from './api-under-test.ts';

const REF = { namespace: 'default', name: 'p' };

describe('the REST client', () => {
  let server: Server | undefined;
  let client: RestClient | undefined;

  afterEach(async () => {
    client?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => {
      if (server === undefined) resolve(undefined);
      else server.close(resolve);
    });
  });

  /** A client of a server that answers as it is told. */
  async function against(listener: RequestListener, config: Partial<RestConfig> = {}): Promise<RestClient> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = new RestClient({ server: `http://127.0.0.1:${String(port)}`, random: () => 0.5, ...config });
    return client;
  }

  test('a server that is not there is Unreachable', async () => {
    const api = new RestClient({ server: 'http://127.0.0.1:1', random: () => 0 });
    await expect(api.get(PODS, REF)).rejects.toEqual(refused('Unreachable', 0));
    const { signal } = new AbortController();
    const watch = api.watch(PODS, { resourceVersion: '1', signal }, () => undefined);
    await expect(watch).rejects.toEqual(refused('Unreachable', 0));
  });

  test('a connection that breaks before the answer is Unreachable', async () => {
    const api = await against((request) => {
      request.socket.destroy();
    });
    await expect(api.delete(PODS, REF)).rejects.toEqual(refused('Unreachable', 0));
  });

  test.each([
    [401, '', 'Unauthorized'],
    [403, 'forbidden by a proxy', 'Forbidden'],
    [409, '{"kind":"Status","reason":"AlreadyExists","code":409,"message":"it is there"}', 'AlreadyExists'],
    [429, '{"kind":"Status","reason":"TooManyRequests","code":429}', 'TooManyRequests'],
    [503, '<html>', 'InternalError'],
  ] as const)('%i %s is %s', async (code, body, reason) => {
    const api = await against((_request, response) => {
      response.writeHead(code).end(body);
    });
    await expect(api.get(PODS, REF)).rejects.toEqual(refused(reason, code));
  });

  test('pages of a list are one list, and its items say what they are', async () => {
    const asked: string[] = [];
    const api = await against(({ url = '' }, response) => {
      asked.push(url);
      const last = url.includes('continue=more');
      const metadata = last ? { resourceVersion: '7' } : { resourceVersion: '7', continue: 'more' };
      response.end(JSON.stringify({ metadata, items: [{ metadata: { name: last ? 'b' : 'a' } }] }));
    });
    const { items, resourceVersion } = await api.list(PODS, { namespace: 'default', labels: { a: 'b' } });
    expect(items).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
    expect(resourceVersion).toBe('7');
    expect(asked[0]).toBe('/api/v1/namespaces/default/pods?limit=500&labelSelector=a%3Db');
    await api.list(SECRETS, { fields: { type: 'Opaque' } });
    expect(asked[2]).toBe('/api/v1/secrets?limit=500&fieldSelector=type%3DOpaque');
  });

  test('events are whole wherever the bytes are cut', async () => {
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ümläut' } } })}\n`,
    );
    const api = await against((_request, response) => {
      response.writeHead(200);
      const feed = (at: number): void => {
        response.write(line.subarray(at, at + 1), () => {
          if (at + 1 < line.length) setImmediate(feed, at + 1);
          else response.end(line.subarray(0, 10));
        });
      };
      feed(0);
    });
    const events: WatchEvent<Pod>[] = [];
    const { signal } = new AbortController();
    await api.watch(PODS, { resourceVersion: '1', signal }, (event) => events.push(event));
    expect(events).toEqual([{ type: 'ADDED', object: { metadata: { name: 'ümläut' } } }]);
  });

  test.each([
    ['{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}}', 'Expired', 410],
    ['{"type":"ERROR","object":{"code":500}}', 'InternalError', 500],
    ['{broken', 'InternalError', 500],
  ] as const)('a watch that says %s is %s', async (line, reason, code) => {
    const api = await against((_request, response) => {
      response.write(`${line}\n`);
    });
    const { signal } = new AbortController();
    const watch = api.watch(PODS, { resourceVersion: '1', signal }, () => undefined);
    await expect(watch).rejects.toEqual(refused(reason, code));
  });

  test('a watch that goes silent says so, one that breaks is Unreachable', async () => {
    const api = await against(
      (_request, response) => {
        response.writeHead(200).flushHeaders();
      },
      { watchIdleMs: 50 },
    );
    const { signal } = new AbortController();
    const silent = api.watch(PODS, { resourceVersion: '1', signal }, () => undefined);
    await expect(silent).rejects.toEqual(refused('Silent', 0));
    server?.removeAllListeners('request').on('request', (_request, response) => {
      response.writeHead(200).write('\n', () => response.destroy());
    });
    const broken = api.watch(PODS, { resourceVersion: '1', signal }, () => undefined);
    await expect(broken).rejects.toEqual(refused('Unreachable', 0));
  });

  test('an error of the receiver of events passes as it is', async () => {
    const api = await against((_request, response) => {
      response.write('{"type":"ADDED","object":{"metadata":{"name":"p"}}}\n');
    });
    const { signal } = new AbortController();
    const watch = api.watch(PODS, { resourceVersion: '1', signal }, () => {
      throw new RangeError('mine');
    });
    await expect(watch).rejects.toThrow(RangeError);
  });

  test('a request that gets no answer in time is Unreachable, and takes its connection along', async () => {
    const ports: (number | undefined)[] = [];
    const api = await against(
      ({ socket }, response) => {
        if (ports.push(socket.remotePort) > 1) response.end('{"metadata":{"name":"p"}}');
      },
      { answerTimeoutMs: 999.5 },
    );
    await expect(api.get(PODS, REF)).rejects.toThrow('no answer in 999.5 ms');
    expect(await api.get(PODS, REF)).toMatchObject({ metadata: { name: 'p' } });
    expect(new Set(ports).size).toBe(2);
  });

  test('requests in a row go over one connection, with the token of the file, and say who asks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rehome-token-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'first\n');
    const ports = new Set<number | undefined>();
    const tokens = new Set<string | undefined>();
    const agents = new Set<string | undefined>();
    const listener: RequestListener = (request, response) => {
      ports.add(request.socket.remotePort);
      tokens.add(request.headers.authorization);
      agents.add(request.headers['user-agent']);
      response.end('{"metadata":{"name":"p"}}');
    };
    try {
      const api = await against(listener, { token: { file: tokenFile } });
      for (let count = 0; count < 20; count++) await api.get(CONFIG_MAPS, REF);
      expect(ports.size).toBe(1);
      expect([...tokens]).toEqual(['Bearer first']);
      expect([...agents]).toEqual(['rehome']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a token that is refused is read again, and the request goes on with the new one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rehome-token-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'old');
    try {
      let wanted = 'old';
      const listener: RequestListener = (request, response) => {
        const isGood = request.headers.authorization === `Bearer ${wanted}`;
        response.writeHead(isGood ? 200 : 401).end(isGood ? '{"metadata":{"name":"p"}}' : '');
      };
      const api = await against(listener, { token: { file: tokenFile } });
      await api.get(PODS, REF);
      wanted = 'new';
      await expect(api.get(PODS, REF)).rejects.toEqual(refused('Unauthorized', 401));
      writeFileSync(tokenFile, 'new');
      expect(await api.get(PODS, REF)).toMatchObject({ metadata: { name: 'p' } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([429, 503])(
    'a server that answers %i and says when to come back is asked again',
    async (code) => {
      let asked = 0;
      const api = await against((_request, response) => {
        if (++asked < 3) response.writeHead(code, { 'retry-after': '0' }).end();
        else response.end('{"metadata":{"name":"p"}}');
      });
      expect(await api.get(PODS, REF)).toMatchObject({ metadata: { name: 'p' } });
      expect(asked).toBe(3);
    },
  );

  test('a server that is busy for good is left, and one that wants a long pause too', async () => {
    let asked = 0;
    let after = '0';
    const api = await against((_request, response) => {
      asked++;
      response.writeHead(429, { 'retry-after': after }).end();
    });
    await expect(api.get(PODS, REF)).rejects.toMatchObject({ code: 429, retryAfterMs: 0 });
    expect(asked).toBe(4);
    after = '60';
    await expect(api.get(PODS, REF)).rejects.toMatchObject({ code: 429, retryAfterMs: 60_000 });
    expect(asked).toBe(5);
  });

  test('an eviction that is refused is refused, whenever it may be tried again', async () => {
    let asked = 0;
    const api = await against((_request, response) => {
      asked++;
      response.writeHead(429, { 'retry-after': '0' }).end();
    });
    await expect(api.evict(REF)).rejects.toEqual(refused('TooManyRequests', 429));
    expect(asked).toBe(1);
  });

  test('more watches than there are connections for requests hold no request up', async () => {
    const api = await against(({ url = '' }, response) => {
      if (url.includes('watch=1')) response.writeHead(200).flushHeaders();
      else response.end('{"metadata":{"name":"p"}}');
    });
    const stop = new AbortController();
    const watches = Array.from({ length: 100 }, () =>
      api.watch(PODS, { resourceVersion: '1', signal: stop.signal }, () => undefined),
    );
    expect(await api.get(PODS, REF)).toMatchObject({ metadata: { name: 'p' } });
    stop.abort();
    await Promise.all(watches);
  });

  test('the path of the server goes before that of the API', async () => {
    const paths: (string | undefined)[] = [];
    const api = await against(({ url }, response) => {
      paths.push(url);
      response.end('{"metadata":{"name":"p"}}');
    });
    const { port } = server?.address() as AddressInfo;
    const behind = new RestClient({
      server: `http://127.0.0.1:${String(port)}/clusters/a/`,
      random: () => 0,
    });
    await behind.get(PODS, REF);
    await api.get(PODS, REF);
    behind.close();
    const path = '/api/v1/namespaces/default/pods/p';
    expect(paths).toEqual([`/clusters/a${path}`, path]);
  });
});
