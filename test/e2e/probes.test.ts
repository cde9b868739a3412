import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { at } from '../../src/local/free-network.ts';
import { hostPort, type SocketAddress } from '../../src/local/phone-address.ts';
import { Phone } from '../../src/local/phone.ts';
import { until } from '../../src/local/until.ts';
import { Fleet, hangUp } from './fleet.ts';
import { testNetwork } from './network.ts';
import { metricOf } from './pod-metrics.ts';

const TIMEOUT_MS = 90_000;
const NOTICED_WITHIN_MS = 30_000;
const PROBE = { intervalSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 };

let fleet: Fleet | undefined;
let first: Phone | undefined;
let deaf: Socket | undefined;

afterEach(async () => {
  deaf?.close();
  await fleet?.stop();
  await first?.close();
  [fleet, first, deaf] = [undefined, undefined, undefined];
});

/** Binds an address that takes everything and says nothing; the methods that came to it. */
async function beDeaf({ address, port }: SocketAddress): Promise<string[]> {
  const methods: string[] = [];
  const socket = createSocket('udp4');
  deaf = socket;
  socket.on('message', (bytes) => {
    methods.push(bytes.toString('latin1').split(' ', 1)[0] ?? '');
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return methods;
}

test(
  'calls go past an address that answers no probes, and back to it when it does',
  async () => {
    const network = await testNetwork();
    const place = at(network, 3, 5060);
    first = await Phone.open(place);
    const addresses = [hostPort(place), hostPort(at(network, 2, 5060))];
    const running = await Fleet.start({
      ...{ network, pods: 1 },
      configure: (config) => {
        config['targets'] = [{ name: 'callees', addresses, probe: PROBE }];
      },
    });
    fleet = running;
    const pod = running.pod(0);
    const turns = (up: number): Promise<void> => {
      const isSo = async (): Promise<boolean> =>
        (await metricOf(pod, 'rehome_target_up', hostPort(place))) === up;
      return until(isSo, NOTICED_WITHIN_MS, `the first address to be ${up === 1 ? 'up' : 'down'}`);
    };
    const reached = async (phone: Phone, calls: number): Promise<void> => {
      const caller = running.ring(pod);
      expect(await caller.established).toBe(200);
      expect(phone.calls).toHaveLength(calls);
      await hangUp({ caller, callee: phone.calls.at(-1) ?? caller, pod }, 'caller');
    };
    await turns(1);
    await reached(first, 1);

    await first.close();
    const methods = await beDeaf(place);
    await turns(0);
    await reached(running.callees, 1);
    expect(new Set(methods)).toEqual(new Set(['OPTIONS']));
    expect(await metricOf(pod, 'rehome_target_up')).toBe(1);

    deaf?.close();
    deaf = undefined;
    first = await Phone.open(place);
    await turns(1);
    await reached(first, 1);
    await running.leaks.passed(running.pods);
  },
  TIMEOUT_MS,
);
