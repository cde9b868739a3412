import { afterEach, describe, expect, it } from '@jest/globals';
import { createSocket, type Socket } from 'node:dgram';
import { freePort, Loopback, request, until } from './loopback.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startPod(address: string): Promise<Loopback & { port: number }> {
  const port = await freePort(address);
  const pod = new Loopback([{ name: 'public', address, port, transports: ['UDP'] }]);
  await pod.transports.start();
  closers.push(() => pod.transports.close());
  return Object.assign(pod, { port });
}

async function startPeer(address: string): Promise<{ socket: Socket; port: number; received: string[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const received: string[] = [];
  socket.on('message', (bytes) => received.push(bytes.toString('latin1')));
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  closers.push(() => {
    socket.close();
  });
  return { socket, port: socket.address().port, received };
}

describe.each(['127.0.77.1', '::1'])('UDP on %s', (address) => {
  it('gives each datagram with its flow, and answers along it from the listener', async () => {
    const pod = await startPod(address);
    const peer = await startPeer(address);
    let answeredFrom = 0;
    peer.socket.on('message', (_bytes, remote) => (answeredFrom = remote.port));
    peer.socket.send(Buffer.from(request('é'), 'latin1'), pod.port, address);
    await until(() => pod.received.length === 1, 'a datagram');
    expect(pod.received[0]).toEqual({
      text: request('é'),
      flow: { listener: 'public', transport: 'UDP', address, port: peer.port },
    });
    pod.transports.send(pod.flow, 'SIP/2.0 200 \xe9\r\n\r\n');
    await until(() => peer.received.length === 1, 'the answer');
    expect(peer.received).toEqual(['SIP/2.0 200 \xe9\r\n\r\n']);
    expect(answeredFrom).toBe(pod.port);
  });

  it('sends many different messages in one turn, each with its own bytes', async () => {
    const pod = await startPod(address);
    const peer = await startPeer(address);
    const texts = Array.from({ length: 100 }, (_, index) => request(String(index), 'x'.repeat(index * 7)));
    const flow = { listener: 'public', transport: 'UDP', address, port: peer.port } as const;
    for (const text of texts) pod.transports.send(flow, text);
    await until(() => peer.received.length === texts.length, 'all messages');
    expect(peer.received).toEqual(texts);
  });

  it('reports what the kernel refuses to its sender, once, and lives on', async () => {
    const pod = await startPod(address);
    const peer = await startPeer(address);
    const flow = { listener: 'public', transport: 'UDP', address, port: peer.port } as const;
    const tooLong = pod.send(flow, 'x'.repeat(65_600));
    const wrongFamily = pod.send({ ...flow, address: address === '::1' ? '127.0.0.1' : '::1' }, 'x');
    const noName = pod.send({ ...flow, address: 'no.such.name.invalid' }, 'x');
    await until(() => tooLong.failures + wrongFamily.failures + noName.failures === 3, 'three failures');
    pod.transports.send({ ...flow, address: 'no.such.name.invalid' }, 'x');
    pod.transports.send(flow, 'still here');
    await until(() => peer.received.length === 1, 'the message after them');
    expect([tooLong.failures, wrongFamily.failures, noName.failures]).toEqual([1, 1, 1]);
  });
});

describe('UDP', () => {
  it.each([
    ['no listener', { listener: 'other' }],
    ['no such transport', { transport: 'TCP' as const }],
    ['no address', { address: '' }],
    ['port 0', { port: 0 }],
    ['a port that is none', { port: 65_536 }],
    ['no port', { port: NaN }],
  ])('refuses a flow with %s, without an exception', async (_what, wrong) => {
    const pod = await startPod('127.0.77.1');
    const outcome = pod.send(
      { listener: 'public', transport: 'UDP', address: '127.0.77.1', port: 5060, ...wrong },
      'x',
    );
    await until(() => outcome.failures === 1, 'a failure');
    expect(pod.drops).toEqual(['unsendable']);
  });

  it('sends to names too, each message with its own bytes', async () => {
    const pod = await startPod('0.0.0.0');
    const peer = await startPeer('127.0.0.1');
    const flow = { listener: 'public', transport: 'UDP', address: 'localhost', port: peer.port } as const;
    for (const text of ['first', 'second', 'third']) pod.transports.send(flow, text);
    await until(() => peer.received.length === 3, 'all messages');
    expect(peer.received.sort()).toEqual(['first', 'second', 'third']);
  });

  it('gives any bytes as text', async () => {
    const pod = await startPod('127.0.77.1');
    const peer = await startPeer('127.0.77.1');
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    peer.socket.send(bytes, pod.port, '127.0.77.1');
    peer.socket.send('', pod.port, '127.0.77.1');
    await until(() => pod.received.length === 2, 'both datagrams');
    expect(Buffer.from(pod.texts[0] ?? '', 'latin1')).toEqual(bytes);
    expect(pod.texts[1]).toBe('');
  });

  it('loses nothing of a burst that comes while the process is busy', async () => {
    const pod = await startPod('127.0.77.1');
    const peer = await startPeer('127.0.77.1');
    const text = Buffer.from(request('burst', 'x'.repeat(500)), 'latin1');
    let sent = 0;
    for (let index = 0; index < 1000; index += 1) {
      peer.socket.send(text, pod.port, '127.0.77.1', () => (sent += 1));
    }
    await until(() => sent === 1000 && pod.received.length === 1000, 'the whole burst');
    expect(pod.received).toHaveLength(1000);
  });
});

describe('start', () => {
  it('fails when an address is taken, and leaves nothing open', async () => {
    const taken = await startPod('127.0.77.1');
    const port = await freePort('127.0.77.2');
    const first = { name: 'first', address: '127.0.77.2', port, transports: ['UDP', 'TCP'] as const };
    const second = { name: 'second', address: '127.0.77.1', port: taken.port, transports: ['UDP'] as const };
    await expect(new Loopback([first, second]).transports.start()).rejects.toThrow('EADDRINUSE');
    const again = new Loopback([first]);
    await again.transports.start();
    await again.transports.close();
    await again.transports.close();
    const outcome = again.send(
      { listener: 'first', transport: 'UDP', address: '127.0.77.1', port: 5060 },
      'x',
    );
    await until(() => outcome.failures === 1, 'a failure after the end');
    expect(outcome.failures).toBe(1);
  });

  it('binds one port of both families apart', async () => {
    const port = await freePort('::');
    const pod = new Loopback([
      { name: 'four', address: '0.0.0.0', port, transports: ['UDP', 'TCP'] },
      { name: 'six', address: '::', port, transports: ['UDP', 'TCP'] },
    ]);
    await pod.transports.start();
    await pod.transports.close();
    expect(pod.drops).toEqual([]);
  });
});
