import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMsOf } from './process-cost.ts';
import type { Figure } from './figure.ts';

const SERVER = fileURLToPath(new URL('udp-echo-server.ts', import.meta.url));
const IN_FLIGHT = 64;
const BYTES = 600;

/** What one UDP datagram in and out costs a Node process here: other figures are compared by it. */
export async function benchUdpEcho(seconds: number): Promise<Figure> {
  const server = fork(SERVER, { stdio: 'ignore', execArgv: ['--no-warnings'] });
  const [port] = (await once(server, 'message')) as [number];
  const pid = server.pid ?? 0;
  await exchange(port, 0.5);
  const before = cpuMsOf(pid);
  const echoed = await exchange(port, seconds);
  const used = cpuMsOf(pid) - before;
  server.disconnect();
  return {
    name: 'one UDP echo',
    value: (1000 * used) / echoed,
    unit: 'µs CPU',
    note: 'receive and send, 600 B',
  };
}

/** Keeps a number of datagrams in flight for some seconds; resolves to how many came back. */
async function exchange(port: number, seconds: number): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const payload = Buffer.alloc(BYTES, 'x');
  let echoed = 0;
  let running = true;
  socket.on('message', () => {
    echoed += 1;
    if (running) socket.send(payload, port, '127.0.0.1');
  });
  for (let sent = 0; sent < IN_FLIGHT; sent += 1) socket.send(payload, port, '127.0.0.1');
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  running = false;
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return echoed;
}
