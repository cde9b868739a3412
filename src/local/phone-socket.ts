import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { StreamFraming } from '../sip/stream-framing.ts';
import { hostPort, type SocketAddress } from './phone-address.ts';

/** A transport that a phone speaks. */
export type PhoneTransport = 'UDP' | 'TCP';

/** What carries a phone's messages. */
export interface PhoneSocket {
  readonly transport: PhoneTransport;
  readonly local: SocketAddress;
  send(text: string, to: SocketAddress): void;
  close(): Promise<void>;
}

/** Who takes what comes in. */
export interface PhoneSocketUse {
  receive(text: string, from: SocketAddress): void;
  failed(reason: string): void;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Opens a UDP socket; any free port where that is 0. */
export async function openUdp(at: SocketAddress, use: PhoneSocketUse): Promise<PhoneSocket> {
  const type = at.address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(at.port, at.address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('message', (bytes, from) => {
    use.receive(bytes.toString('latin1'), { address: from.address, port: from.port });
  });
  socket.on('error', (error) => {
    use.failed(error.message);
  });
  return {
    transport: 'UDP',
    local: { address: at.address, port: socket.address().port },
    send: (text, to) => {
      socket.send(Buffer.from(text, 'latin1'), to.port, to.address);
    },
    close: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

/** Listens for TCP connections, and connects where none is open; any free port where that is 0. */
export async function openTcp(at: SocketAddress, use: PhoneSocketUse): Promise<PhoneSocket> {
  const connections = new Map<string, Socket>();
  const take = (socket: Socket, peer: SocketAddress): void => {
    keep(socket, peer, { connections, use });
  };
  const server = createServer((socket) => {
    take(socket, { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.address, resolve);
  });
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : at.port;
  return {
    transport: 'TCP',
    local: { address: at.address, port },
    send: (text, to) => {
      const open = connections.get(hostPort(to));
      const socket = open ?? connect({ host: to.address, port: to.port, localAddress: at.address });
      if (open === undefined) take(socket, to);
      socket.write(text, 'latin1');
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections.values()) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Reads a connection until it closes; it is found again by its far address. */
function keep(
  socket: Socket,
  peer: SocketAddress,
  { connections, use }: { connections: Map<string, Socket>; use: PhoneSocketUse },
): void {
  const key = hostPort(peer);
  const framing = new StreamFraming();
  connections.set(key, socket);
  socket.setNoDelay(true);
  socket.on('data', (bytes) => {
    for (const event of framing.feed(bytes.toString('latin1'))) {
      if (event.type === 'message') use.receive(event.text, peer);
      if (event.type === 'error') use.failed(event.code);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (connections.get(key) === socket) connections.delete(key);
  });
}
