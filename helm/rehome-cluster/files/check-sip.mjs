// Sends OPTIONS to the Service until a proxy answers 200, a minute at most.
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

const { HOST, PORT, TRANSPORT } = process.env;
const TRIES = Number(process.env.TRIES ?? 30);
const WAIT_MS = 2000;

function request() {
  const id = randomUUID();
  return [
    `OPTIONS sip:${HOST}:${PORT} SIP/2.0`,
    `Via: SIP/2.0/${TRANSPORT} test.invalid;branch=z9hG4bK${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:test@test.invalid>;tag=${id.slice(0, 8)}`,
    `To: <sip:${HOST}:${PORT}>`,
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

async function askByUdp(signal) {
  const { address, family } = await lookup(HOST);
  const socket = createSocket(`udp${family}`);
  signal.addEventListener('abort', () => socket.close(), { once: true });
  return new Promise((resolve, reject) => {
    socket.once('message', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('no answer')));
    socket.send(request(), Number(PORT), address, (error) => error && reject(error));
  });
}

function askByTcp(signal) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(PORT), host: HOST }, () => socket.write(request()));
    signal.addEventListener('abort', () => socket.destroy(new Error('no answer')), { once: true });
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('error', reject);
  });
}

async function ask() {
  const end = new AbortController();
  const answer = TRANSPORT === 'UDP' ? askByUdp(end.signal) : askByTcp(end.signal);
  try {
    return await Promise.race([
      answer,
      setTimeout(WAIT_MS, undefined, { ref: false }).then(() => {
        throw new Error('no answer');
      }),
    ]);
  } finally {
    answer.catch(() => undefined);
    end.abort();
  }
}

let last;
for (let tries = 1; tries <= TRIES; tries++) {
  try {
    const [line] = (await ask()).split('\r\n');
    if (line.startsWith('SIP/2.0 200 ')) {
      console.log(`${HOST}:${PORT} answers OPTIONS over ${TRANSPORT}: ${line}`);
      process.exit(0);
    }
    last = line;
  } catch (error) {
    last = error.message;
  }
  await setTimeout(WAIT_MS);
}
console.error(`${HOST}:${PORT} does not answer OPTIONS over ${TRANSPORT}: ${last}`);
process.exit(1);
