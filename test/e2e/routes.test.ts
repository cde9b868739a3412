import { afterEach, describe, expect, test } from '@jest/globals';
import { hostPort } from '../../src/local/phone-address.ts';
import { at } from '../../src/local/free-network.ts';
import type { PhoneTransport } from '../../src/local/phone-socket.ts';
import { Phone } from '../../src/local/phone.ts';
import { testNetwork } from './network.ts';
import { ENDS, Fleet, hangUp, holdAndResume, rehomeFaults, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 60_000;
const IPV6_PORT = 25_100;

let fleet: Fleet | undefined;
let spare: Phone | undefined;

afterEach(async () => {
  await fleet?.stop();
  await spare?.close();
  fleet = undefined;
  spare = undefined;
});

async function oneCall(through: Fleet): Promise<HeldCall> {
  const [call] = await through.hold(1, through.pod(0));
  if (call === undefined) throw new Error('no call');
  return call;
}

describe('the next address of a target', () => {
  /** One pod with two callees: the first one answers by this status, or is not there. */
  async function start(status?: number): Promise<Fleet> {
    const network = await testNetwork();
    const first = at(network, 3, 5060);
    const targets = [hostPort(first), hostPort(at(network, 2, 5060))];
    if (status !== undefined) spare = await Phone.open({ ...first, rule: () => ({ status }) });
    fleet = await Fleet.start({ network, pods: 1, targets });
    return fleet;
  }

  test.each([503, 408])(
    'is tried after a %s',
    async (status) => {
      const call = await oneCall(await start(status));
      expect(spare?.calls).toHaveLength(1);
      await hangUp(call, 'callee');
    },
    TIMEOUT_MS,
  );

  test(
    'is tried when nobody answers',
    async () => {
      const running = await start();
      await hangUp(await oneCall(running), 'caller');
      expect(running.callees.calls).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  test.each([486, 404, 603])(
    'is not tried after a %s',
    async (status) => {
      const running = await start(status);
      expect(await running.ring(running.pod(0)).established).toBe(status);
      expect(running.callees.calls).toHaveLength(0);
    },
    TIMEOUT_MS,
  );
});

describe('proxies next to the phones', () => {
  const kinds: [kind: string, parameter: string][] = [
    ['loose', ';lr'],
    ['strict', ''],
  ];

  test.each(kinds)(
    'a %s router on both sides stays in the way, and is met by the new owner',
    async (_kind, lr) => {
      const network = await testNetwork();
      const routers = ENDS.map((_end, index) => `<sip:${hostPort(at(network, index + 1, 5060))}${lr}>`);
      const running = await Fleet.start({
        network,
        caller: { recordRoutes: routers.slice(0, 1) },
        callee: { recordRoutes: routers.slice(1) },
      });
      fleet = running;
      const call = await oneCall(running);
      await holdAndResume(call, 'caller');
      await holdAndResume(call, 'callee');
      for (const [index, end] of ENDS.entries()) {
        const entries = call[end].ledger.entries.filter((entry) => entry.way === 'received');
        const other = routers[1 - index] ?? '';
        expect(entries.filter((entry) => entry.text.includes(other))).toEqual([]);
        expect(entries.some((entry) => entry.status === 0 && entry.text.includes('\r\nRoute: '))).toBe(true);
      }
      await running.pod(0).kill();
      await running.allRehomed([call]);
      expect(ENDS.flatMap((end) => rehomeFaults(running, call, end))).toEqual([]);
      await holdAndResume(call, 'caller');
      await hangUp(call, 'callee');
    },
    TIMEOUT_MS,
  );
});

describe('other transports and families', () => {
  /** Uses a call before and after its pod is killed; resolves to what was wrong. */
  async function faultsOf(running: Fleet): Promise<string[]> {
    const call = await oneCall(running);
    await holdAndResume(call, 'caller');
    await running.pod(0).kill();
    await running.allRehomed([call]);
    const faults = ENDS.flatMap((end) => rehomeFaults(running, call, end));
    await holdAndResume(call, 'callee');
    await hangUp(call, 'callee');
    return [...faults, ...call.caller.ledger.errors, ...call.callee.ledger.errors];
  }

  test(
    'calls between IPv6 phones survive their pod',
    async () => {
      const caller = { address: '::1', port: IPV6_PORT };
      const callee = { address: '::1', port: IPV6_PORT + 1 };
      fleet = await Fleet.start({
        caller,
        callee,
        targets: [hostPort(callee)],
        configure: (config, place) => {
          const first = IPV6_PORT + 10 * (1 + Number(place.pod.at(-1)));
          place.public = { address: '::1', port: first };
          place.internal = { address: '::1', port: first + 1 };
          config['listeners'] = [
            { name: 'public', bind: '::1', port: first, transports: ['UDP', 'TCP'] },
            { name: 'internal', bind: '::1', port: first + 1, transports: ['UDP', 'TCP'] },
          ];
        },
      });
      expect(await faultsOf(fleet)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  const transports: [caller: PhoneTransport, callee: PhoneTransport][] = [
    ['TCP', 'UDP'],
    ['UDP', 'TCP'],
    ['TCP', 'TCP'],
  ];

  test.each(transports)(
    'calls from %s to %s survive their pod',
    async (caller, callee) => {
      const network = await testNetwork();
      const parameter = callee === 'TCP' ? ';transport=tcp' : '';
      fleet = await Fleet.start({
        network,
        caller: { transport: caller },
        callee: { transport: callee },
        targets: [`${hostPort(at(network, 2, 5060))}${parameter}`],
      });
      expect(await faultsOf(fleet)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('Call-IDs that are masked', () => {
  test(
    'each side has its own, and the call survives its pod',
    async () => {
      fleet = await Fleet.start({
        configure: (config) => {
          config['topologyHiding'] = { callId: 'mask' };
        },
      });
      const call = await oneCall(fleet);
      expect(call.callee.identity.callId).not.toBe(call.caller.identity.callId);
      await fleet.pod(0).kill();
      await fleet.allRehomed([call]);
      await holdAndResume(call, 'callee');
      await hangUp(call, 'caller');
    },
    TIMEOUT_MS,
  );
});
