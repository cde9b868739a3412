import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Flow } from '../../../../src/proxy/flow.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from '../../../../src/proxy/transport/tcp-listener.ts';
import { freePort, Loopback, request, until } from './loopback.ts';

const POD = '127.0.78.1';
const PEER = '127.0.78.2';
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startPod(
  limits: Partial<TcpLimits> = {},
  address = POD,
): Promise<Loopback & { port: number }> {
  const port = await freePort(address);
  const pod = new Loopback([{ name: 'public', address, port, transports: ['TCP'] }], {
    ...DEFAULT_TCP_LIMITS,
    ...limits,
  });
  await pod.transports.start();
  closers.push(() => pod.transports.close());
  return Object.assign(pod, { port });
}

interface Peer {
  port: number;
  sockets: Socket[];
  received: string;
  chunks: number;
}

async function startPeer(address = PEER, port = 0): Promise<Peer> {
  const peer: Peer = { port, sockets: [], received: '', chunks: 0 };
  const server = createServer((socket) => {
    listen(socket, peer);
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  peer.port = (server.address() as AddressInfo).port;
  closers.push(() => {
    for (const socket of peer.sockets) socket.destroy();
    server.close();
  });
  return peer;
}

async function dial(port: number, address = POD): Promise<{ socket: Socket; peer: Peer }> {
  const socket = connect({ host: address, port, ...(address === POD && { localAddress: PEER }) });
  const peer: Peer = { port: 0, sockets: [], received: '', chunks: 0 };
  listen(socket, peer);
  closers.push(() => {
    socket.destroy();
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, peer };
}

function listen(socket: Socket, peer: Peer): void {
  peer.sockets.push(socket);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    peer.received += bytes.toString('latin1');
    peer.chunks += 1;
  });
}

function flowTo(port: number, address = PEER): Flow {
  return { listener: 'public', transport: 'TCP', address, port };
}

describe.each([
  [POD, PEER],
  ['::1', '::1'],
])('TCP on %s', (address, peerAddress) => {
  it('gives each message with its flow, and answers on the connection it came by', async () => {
    const pod = await startPod({}, address);
    const { socket, peer } = await dial(pod.port, address);
    socket.write(Buffer.from(request('one') + request('two', 'é'), 'latin1'));
    await until(() => pod.received.length === 2, 'two messages');
    expect(pod.texts).toEqual([request('one'), request('two', 'é')]);
    expect(pod.flow).toEqual(flowTo(socket.localPort ?? 0, peerAddress));
    expect(pod.transports.hasConnection('public', peerAddress, socket.localPort ?? 0)).toBe(true);
    pod.transports.send(pod.flow, request('answer'));
    await until(() => peer.received === request('answer'), 'the answer');
    expect(peer.sockets).toHaveLength(1);
  });

  it('makes a connection from the listener, and keeps to it', async () => {
    const pod = await startPod({}, address);
    const peer = await startPeer(peerAddress);
    pod.transports.send(flowTo(peer.port, peerAddress), request('one'));
    pod.transports.send(flowTo(peer.port, peerAddress), request('two'));
    await until(() => peer.received === request('one') + request('two'), 'both requests');
    expect(peer.sockets).toHaveLength(1);
    expect(peer.sockets[0]?.remoteAddress).toBe(address);
    peer.sockets[0]?.write(request('back'));
    await until(() => pod.received.length === 1, 'an answer on it');
    expect(pod.received).toEqual([{ text: request('back'), flow: flowTo(peer.port, peerAddress) }]);
  });
});

describe('a stream', () => {
  it('is read however it is cut', async () => {
    const pod = await startPod();
    const { socket } = await dial(pod.port);
    socket.setNoDelay(true);
    for (const char of request('slow', 'body')) {
      socket.write(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => pod.received.length === 1, 'the message');
    expect(pod.texts).toEqual([request('slow', 'body')]);
  });

  it('gets a CRLF for a keep-alive', async () => {
    const pod = await startPod();
    const { socket, peer } = await dial(pod.port);
    socket.write('\r\n\r\n');
    await until(() => peer.received === '\r\n', 'the pong');
    expect(pod.received).toEqual([]);
  });

  it.each([
    ['no-content-length', 'GET / HTTP/1.1\r\nHost: pod\r\n\r\n'],
    ['headers-too-large', '\x16\x03\x01'.repeat(20_000)],
    ['bad-content-length', request('x').replace(/: 0\r/, ': x\r')],
  ])('that is no SIP is closed as %s, and nothing else is harmed', async (reason, bytes) => {
    const pod = await startPod();
    const { socket } = await dial(pod.port);
    const other = await dial(pod.port);
    socket.write(Buffer.from(request('good') + bytes + request('lost'), 'latin1'));
    await until(() => socket.destroyed, 'the end of the connection');
    expect(pod.texts).toEqual([request('good')]);
    expect(pod.drops).toEqual([reason]);
    other.socket.write(request('other'));
    await until(() => pod.received.length === 2, 'a message on the other connection');
    expect(pod.texts[1]).toBe(request('other'));
  });
});

describe('a failure', () => {
  it('to connect is told once to each sender', async () => {
    const pod = await startPod();
    const port = await freePort(PEER);
    const first = pod.send(flowTo(port), request('one'));
    const second = pod.send(flowTo(port), request('two'));
    await until(() => first.failures > 0 && second.failures > 0, 'both failures');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([first.failures, second.failures]).toEqual([1, 1]);
    expect(pod.transports.hasConnection('public', PEER, port)).toBe(false);
  });

  it('to connect in time is told', async () => {
    const blocked = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const server = require('node:net').createServer();
       server.listen({ port: 0, host: '${PEER}', backlog: 1 }, () => {
         parentPort.postMessage(server.address().port);
         setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
       });`,
      { eval: true },
    );
    closers.push(() => blocked.terminate());
    const port = await new Promise<number>((resolve) => blocked.once('message', resolve));
    // Fills the queue of connections that nobody accepts.
    for (let index = 0; index < 4; index += 1) {
      const filler = connect({ host: PEER, port, localAddress: POD });
      filler.on('error', () => undefined);
      closers.push(() => {
        filler.destroy();
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const pod = await startPod({ connectMs: 150 });
    const outcome = pod.send(flowTo(port), request('one'));
    await until(() => outcome.failures === 1, 'the failure');
    expect(outcome.failures).toBe(1);
  });

  it('of the wrong family is told, without an exception', async () => {
    const pod = await startPod();
    const outcome = pod.send(flowTo(await freePort('::1'), '::1'), request('one'));
    await until(() => outcome.failures === 1, 'the failure');
    expect(outcome.failures).toBe(1);
  });

  it('of a peer that reads nothing is told, and costs bounded memory', async () => {
    const pod = await startPod({ unsentBytes: 100_000 });
    const peer = await startPeer();
    pod.transports.send(flowTo(peer.port), request('first'));
    await until(() => peer.received !== '', 'the connection');
    peer.sockets[0]?.pause();
    const outcomes = Array.from({ length: 400 }, () =>
      pod.send(flowTo(peer.port), request('x', 'y'.repeat(60_000))),
    );
    await until(() => outcomes.some(({ failures }) => failures > 0), 'a failure');
    expect(pod.drops[0]).toBe('tcp_unsent_limit');
    expect(outcomes.every(({ failures }) => failures <= 1)).toBe(true);
  });
});

it('more than a peer may leave unread can be sent in one turn to a peer that reads', async () => {
  const pod = await startPod({ unsentBytes: 20_000 });
  const peer = await startPeer();
  pod.transports.send(flowTo(peer.port), request('first'));
  await until(() => peer.received !== '', 'the connection');
  for (let index = 0; index < 10; index += 1) {
    pod.transports.send(flowTo(peer.port), request(String(index), 'y'.repeat(4000)));
  }
  await until(() => peer.received.length > 40_000, 'all of it');
  expect(pod.drops).toEqual([]);
});

describe('a lost connection', () => {
  function response(sentBy: string): string {
    return `SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP ${sentBy};branch=z9hG4bK1\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n`;
  }

  it('is replaced by a new one to sent-by for a response', async () => {
    const pod = await startPod();
    const peer = await startPeer();
    const { socket } = await dial(pod.port);
    socket.write(request('one'));
    await until(() => pod.received.length === 1, 'the request');
    const { flow } = pod;
    socket.end();
    await until(() => !pod.transports.hasConnection('public', flow.address, flow.port), 'the end');
    const text = response(`there.example:${String(peer.port)}`);
    pod.transports.send(flow, text);
    await until(() => peer.received === text, 'the response');
    expect(peer.sockets).toHaveLength(1);
  });

  it('is replaced by a new one to where a request was to go', async () => {
    const pod = await startPod();
    const peer = await startPeer();
    pod.transports.send(flowTo(peer.port), request('one'));
    await until(() => peer.received !== '', 'the first request');
    peer.sockets[0]?.destroy();
    await until(() => !pod.transports.hasConnection('public', PEER, peer.port), 'the end');
    pod.transports.send(flowTo(peer.port), request('two'));
    await until(() => peer.received.endsWith(request('two')), 'the second request');
    expect(peer.sockets).toHaveLength(2);
  });

  it('is closed by the pod when it carries nothing for long', async () => {
    const pod = await startPod({ idleMs: 60 });
    const { socket } = await dial(pod.port);
    const peer = await startPeer();
    pod.transports.send(flowTo(peer.port), request('one'));
    await until(() => socket.destroyed && peer.sockets[0]?.destroyed === true, 'the end of both');
    expect(pod.drops).toEqual([]);
  });
});

describe('too many connections', () => {
  it('are refused both ways, counted, and told to who wants one', async () => {
    const pod = await startPod({ connections: 1 });
    const peer = await startPeer();
    const first = await dial(pod.port);
    first.socket.write(request('one'));
    await until(() => pod.received.length === 1, 'the first connection');
    const second = await dial(pod.port);
    await until(() => second.socket.destroyed, 'the refusal');
    const outcome = pod.send(flowTo(peer.port), request('out'));
    await until(() => outcome.failures === 1, 'the failure');
    expect(pod.drops).toEqual(['tcp_connection_limit', 'tcp_connection_limit']);
    first.socket.end();
    await until(() => first.socket.destroyed, 'room');
    pod.transports.send(flowTo(peer.port), request('out'));
    await until(() => peer.received === request('out'), 'a request in that room');
    expect(peer.sockets).toHaveLength(1);
  });
});

it('close ends every connection and frees the port', async () => {
  const pod = await startPod();
  const { socket } = await dial(pod.port);
  await pod.transports.close();
  await until(() => socket.destroyed, 'the end of the connection');
  const again = new Loopback([{ name: 'public', address: POD, port: pod.port, transports: ['TCP'] }]);
  await again.transports.start();
  await again.transports.close();
  expect(again.drops).toEqual([]);
});
