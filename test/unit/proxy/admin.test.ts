import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DialogsReport, PodStatus } from '../../../src/api/pod-report.ts';
import type { DialogFilter } from '../../../src/proxy/admin-dialogs.ts';
import { Admin, type PodView } from '../../../src/proxy/admin.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { freePort } from '../../integration/mesh/mesh-cluster.ts';

describe('admin server', () => {
  let server: Admin;
  let url: string;
  let port: number;
  let reason: string;
  let asked: DialogFilter[];
  let errors: string[];
  let view: PodView;

  beforeEach(async () => {
    reason = '';
    asked = [];
    errors = [];
    view = {
      unreadyReason: () => reason,
      status: () => ({ pod: 'edge-0' }) as PodStatus,
      dialogs: (filter): DialogsReport => {
        if (filter.tag === 'boom') throw new Error('boom');
        asked.push(filter);
        return { pod: 'edge-0', total: 0, dialogs: [] };
      },
      metrics: () => Promise.resolve('rehome_timers 7\n'),
      logLevel: 'info',
    };
    const log = { error: (text: string) => errors.push(text) } as unknown as Logger;
    server = new Admin(view, log);
    port = await freePort('127.0.0.1');
    url = `http://127.0.0.1:${String(port)}`;
    await server.start({ address: '127.0.0.1', port });
  });

  afterEach(async () => {
    await server.stop();
  });

  it('is ready or says why it is not', async () => {
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reason: '' }]);
    reason = 'draining';
    const unready = await fetch(`${url}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([503, { ready: false, reason: 'draining' }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('shows metrics as Prometheus reads them', async () => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toBe('rehome_timers 7\n');
  });

  it('lists dialogs by filters, and refuses what is no filter', async () => {
    await fetch(`${url}/debug/dialogs`);
    await fetch(`${url}/debug/dialogs?limit=5&callId=a%40b&tag=t&state=early&away=true`);
    expect(asked).toEqual([
      { limit: 100 },
      { limit: 5, callId: 'a@b', tag: 't', state: 'early', away: true },
    ]);
    for (const query of [
      'limit=-1',
      'limit=all',
      'limit=10001',
      'limit=',
      'state=ended',
      'away=no',
      'caller=a',
    ]) {
      const response = await fetch(`${url}/debug/dialogs?${query}`);
      expect(response.status).toBe(400);
    }
    expect(asked).toHaveLength(2);
  });

  it('changes the log level by PUT only, to levels that there are', async () => {
    const put = (body: string): Promise<Response> => fetch(`${url}/log/level`, { method: 'PUT', body });
    expect((await put('debug\n')).status).toBe(200);
    expect(view.logLevel).toBe('debug');
    expect((await put('loud')).status).toBe(400);
    expect((await put('x'.repeat(2000))).status).toBe(413);
    const got = await fetch(`${url}/log/level`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'PUT']);
    expect(view.logLevel).toBe('debug');
  });

  it('answers HEAD without a body, an unknown page with the known ones, and a wrong method with the right one', async () => {
    const head = await fetch(`${url}/debug/status`, { method: 'HEAD' });
    expect([head.status, Number(head.headers.get('content-length')) > 0, await head.text()]).toEqual([
      200,
      true,
      '',
    ]);
    const missing = await fetch(`${url}/`);
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('/readyz')]);
    const posted = await fetch(`${url}/livez`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('survives a page that fails and a request-target that is no URL', async () => {
    expect((await fetch(`${url}/debug/dialogs?tag=boom`)).status).toBe(500);
    expect(errors).toEqual(['a page could not be made']);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET //[ HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (bytes) => (text += bytes.toString()));
      socket.on('close', () => {
        resolve(text);
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('says that its address is taken', async () => {
    await expect(server.start({ address: '127.0.0.1', port })).rejects.toThrow();
  });
});
