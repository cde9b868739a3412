import { expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TcpConnection } from '../../../../src/proxy/transport/tcp-connection.ts';
import { request, until } from './loopback.ts';

const PING = '\r\n\r\n';

/** A connection over a socket that counts its writes; messages are answered at once. */
function startEcho(): { socket: Duplex; writes: string[] } {
  const writes: string[] = [];
  const socket = new Duplex({
    decodeStrings: false,
    read: () => undefined,
    write: (chunk: string, _encoding, done) => {
      writes.push(chunk);
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => chunk as string).join(''));
      done();
    },
  });
  const connection: TcpConnection = new TcpConnection(
    Object.assign(socket, { setNoDelay: () => undefined }) as unknown as Socket,
    {
      message: (text) => {
        connection.send(text, undefined);
      },
      broken: () => undefined,
      closed: () => undefined,
    },
    1_000_000,
  );
  return { socket, writes };
}

it('what one read of a busy trunk brings is answered by one write', async () => {
  const { socket, writes } = startEcho();
  const texts = Array.from({ length: 20 }, (_, index) => request(String(index)));
  socket.push(Buffer.from(texts.join('') + PING));
  await until(() => writes.length > 0, 'the answers');
  expect(writes).toEqual([`${texts.join('')}\r\n`]);
});

it('what comes later is answered without waiting for more', async () => {
  const { socket, writes } = startEcho();
  for (const name of ['one', 'two', 'three']) {
    socket.push(Buffer.from(request(name)));
    await until(() => writes.at(-1) === request(name), `the answer to ${name}`);
  }
  expect(writes).toHaveLength(3);
});
