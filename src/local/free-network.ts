import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { SocketAddress } from './phone-address.ts';

const LAST_NETWORK = 254;
/** Hosts of phones and pods, with the port by which each is recognised. */
const PROBES: readonly { host: number; port: number }[] = [
  { host: 1, port: 5060 },
  { host: 2, port: 5060 },
  { host: 11, port: 5060 },
];
const HTTP_PROBE = { host: 11, port: 9090 };

/** The first N from `first` on for which nobody uses 127.0.N.0/24 as the phones and pods of a local cluster would. */
export async function freeNetwork(first: number): Promise<number> {
  for (let network = first; network <= LAST_NETWORK; network += 1) {
    const udp = await Promise.all(PROBES.map(({ host, port }) => isUdpFree(at(network, host, port))));
    const http = await isTcpFree(at(network, HTTP_PROBE.host, HTTP_PROBE.port));
    if (http && udp.every(Boolean)) return network;
  }
  throw new Error('no free loopback addresses');
}

/** Whether nobody uses the network for pods; phones may be there already. */
export function isFreeForPods(network: number): Promise<boolean> {
  return isTcpFree(at(network, HTTP_PROBE.host, HTTP_PROBE.port));
}

/** An address of such a network. */
export function at(network: number, host: number, port: number): SocketAddress {
  return { address: `127.0.${String(network)}.${String(host)}`, port };
}

function isUdpFree({ address, port }: SocketAddress): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      resolve(false);
    });
    socket.bind(port, address, () => {
      socket.close(() => {
        resolve(true);
      });
    });
  });
}

function isTcpFree({ address, port }: SocketAddress): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
