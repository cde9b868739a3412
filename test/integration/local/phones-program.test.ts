import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { Phones } from '../../../src/local/phones-program/phones.ts';
import { PhonesServer } from '../../../src/local/phones-program/phones-server.ts';
import type { CallSummary, RunContacts, RunLedger } from '../../../src/local/phones-program/run-type.ts';
import { until } from '../../../src/local/until.ts';

const WAIT_MS = 10_000;
const TIMEOUT_MS = 40_000;

describe('rehome phones', () => {
  let phones: Phones;
  let server: PhonesServer;
  let url: string;

  beforeEach(async () => {
    phones = await Phones.open('127.0.0.1', 0);
    server = new PhonesServer(phones);
    const port = await freePort();
    await server.start({ address: '127.0.0.1', port });
    url = `http://127.0.0.1:${port}`;
  });

  afterEach(async () => {
    await server.stop();
    await phones.close();
  });

  async function ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function ledgerOf(method: string, path: string): Promise<RunLedger> {
    return (await ask(method, path)).body as RunLedger;
  }

  async function start(request: Record<string, unknown>): Promise<void> {
    const through = [`127.0.0.1:${phones.port}`];
    const { status, body } = await ask('POST', '/runs', { through, talkEveryMs: 50, ...request });
    expect([status, body]).toEqual([200, expect.anything()]);
  }

  async function ledgerWhen(run: string, condition: (ledger: RunLedger) => boolean): Promise<RunLedger> {
    let ledger = await ledgerOf('GET', `/runs/${run}`);
    await until(
      async () => {
        ledger = await ledgerOf('GET', `/runs/${run}`);
        return condition(ledger);
      },
      WAIT_MS,
      `the run ${run}`,
    );
    return ledger;
  }

  const talked = ({ ends }: CallSummary): boolean =>
    (ends?.caller.sent ?? 0) > 2 && (ends?.callee.sent ?? 0) > 2;

  test.each(['UDP', 'TCP'])(
    'places calls over %s, keeps them talking from both ends, and hangs them up',
    async (transport) => {
      await start({ name: 'a', count: 5, perSecond: 100, transport });
      await ledgerWhen('a', ({ calls, placing }) => !placing && calls.length === 5 && calls.every(talked));
      const { up, contacts } = (await ask('GET', '/runs/a/contacts')).body as RunContacts;
      expect(up).toBe(5);
      expect(contacts[`127.0.0.1:${phones.port}`]).toBe(5);
      expect(Object.values(contacts).reduce((sum, ends) => sum + ends, 0)).toBe(10);
      const last = await ledgerOf('POST', '/runs/a/hang-up');
      expect(((await ask('GET', '/runs/a/contacts')).body as RunContacts).contacts).toEqual({});
      expect(last).toMatchObject({ placed: 5, answered: 5, ended: 5, failed: 0, up: 0, strays: [] });
      for (const { ends, hangUpFaults, through } of last.calls) {
        expect(hangUpFaults).toEqual([]);
        expect(through).toBe(`127.0.0.1:${phones.port}`);
        for (const end of [ends?.caller, ends?.callee]) {
          expect(end).toMatchObject({ lost: [], late: 0, duplicates: 0, unknown: 0, faults: [] });
          expect(end?.answered).toBe(end?.sent);
        }
      }
      expect((await ask('DELETE', '/runs/a')).status).toBe(200);
      expect((await ask('GET', '/runs/a')).status).toBe(404);
    },
    TIMEOUT_MS,
  );

  test(
    'goes on placing calls that end by themselves, until it is stopped',
    async () => {
      await start({ name: 'b', count: 0, perSecond: 50, holdMs: 200 });
      await ledgerWhen('b', ({ ended }) => ended > 10);
      expect((await ledgerOf('POST', '/runs/b/stop')).placing).toBe(false);
      const last = await ledgerOf('POST', '/runs/b/hang-up');
      expect(last).toMatchObject({ failed: 0, up: 0, placed: last.ended });
      expect(last.calls.flatMap((call) => call.hangUpFaults)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test('tells which calls were not set up, and why', async () => {
    await start({ name: 'c', through: ['no-such-name.invalid:5060'] });
    const { calls } = await ledgerWhen('c', ({ failed }) => failed === 1);
    expect(calls[0]?.failure).toMatchObject({ status: 0, reason: expect.stringContaining('no-such-name') });
  });

  test(
    'tells what was lost when the far end is not there any more',
    async () => {
      await start({ name: 'd' });
      await ledgerWhen('d', ({ calls }) => calls.length === 1 && calls.every(talked));
      const callee = phones.callee('d-1');
      expect(callee).toBeDefined();
      if (callee !== undefined)
        callee.rule = ({ method }) => (method === 'INFO' ? { status: 481 } : undefined);
      const { calls } = await ledgerWhen('d', (ledger) => (ledger.calls[0]?.ends?.caller.unknown ?? 0) > 1);
      const end = calls[0]?.ends?.caller;
      expect(end?.lost[0]).toMatchObject({ status: 481, method: 'INFO', to: `127.0.0.1:${phones.port}` });
      expect(end?.unknown).toBeGreaterThan(1);
      expect(end?.faults.join()).toContain('481 to INFO');
    },
    TIMEOUT_MS,
  );

  test('refuses what makes no sense, with all of its problems', async () => {
    const { status, body } = await ask('POST', '/runs', { through: 'x', perSecond: -1 });
    expect(status).toBe(400);
    for (const word of ['name', 'through', 'perSecond']) expect(JSON.stringify(body)).toContain(word);
    await start({ name: 'e' });
    expect((await ask('POST', '/runs', { name: 'e', through: ['127.0.0.1:1'] })).status).toBe(400);
    expect((await ask('POST', '/runs/f/stop')).status).toBe(404);
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof place === 'object' && place !== null ? place.port : 0;
}
