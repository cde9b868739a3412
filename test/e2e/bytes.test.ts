import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseMessage, SipMessage } from '../../src/sip/index.ts';
import type { SocketAddress } from '../../src/local/phone-address.ts';
import { Talk } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { pause, until } from '../../src/local/until.ts';
import { Fleet, hangUp, type HeldCall } from './fleet.ts';
import { dropsOf, residentMb } from './pod-metrics.ts';

const TIMEOUT_MS = 90_000;
const CALLS = 6;
const DATAGRAMS = 3000;
const CONNECTIONS = 150;
const LONGEST = 1400;
const GROWTH_MB = 80;
const COUNTED_WITHIN_MS = 10_000;
const CLOSED_WITHIN_MS = 10_000;
/** Datagrams between two pauses: no more than the kernel keeps for a busy pod. */
const BURST = 50;

const CORPORA = process.env['REHOME_CORPORA'] ?? '../shared/corpora';
const FOLDERS = [
  join(import.meta.dirname, '../wire/torture'),
  join(CORPORA, 'rfc4475'),
  join(CORPORA, 'rfc5118'),
];
const CORPUS = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => !file.endsWith('.json'))
    .map((file) => readFileSync(join(folder, file))),
);
const SEED = Number(process.env['REHOME_SEED'] ?? randomInt(2 ** 31));

/** Numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(SEED);

function anyBytes(): Buffer {
  return Buffer.from(
    Array.from({ length: 1 + Math.floor(random() * LONGEST) }, () => Math.floor(random() * 256)),
  );
}

/** A message of the corpora with some bytes changed, taken out or put in twice. */
function mangled(): Buffer {
  const bytes = Buffer.from(CORPUS[Math.floor(random() * CORPUS.length)] ?? anyBytes());
  for (let change = 0; change < 1 + random() * 8; change += 1) {
    const at = Math.floor(random() * bytes.length);
    if (random() < 0.5) bytes[at] = Math.floor(random() * 256);
    else bytes.copyWithin(at, Math.floor(random() * bytes.length));
  }
  return bytes;
}

/** What a pod must count as a drop: bytes that are no message, keep-alives apart. */
function isNoMessage(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return text.trim() !== '' && !(parseMessage(text) instanceof SipMessage);
}

describe(`any bytes at the ports of a pod that carries calls (REHOME_SEED=${String(SEED)})`, () => {
  let fleet: Fleet;
  let calls: HeldCall[];
  let talk: Talk;
  let memoryMb: number;

  beforeAll(async () => {
    fleet = await Fleet.start({ pods: 1 });
    calls = await fleet.hold(CALLS, fleet.pod(0));
    memoryMb = residentMb(fleet.pod(0));
    talk = new Talk(calls);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  function ports(): SocketAddress[] {
    const { place } = fleet.pod(0);
    return [place.public, place.internal];
  }

  async function sendDatagrams(datagrams: readonly Buffer[], to: SocketAddress): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    for (const [index, datagram] of datagrams.entries()) {
      socket.send(datagram, to.port, to.address);
      if (index % BURST === BURST - 1) await pause(1);
    }
    await pause(1);
    socket.close();
  }

  test.each([
    ['random', anyBytes],
    ['mangled', mangled],
  ])(
    '%s datagrams: each that is no message is counted',
    async (_, make) => {
      for (const to of ports()) {
        const datagrams = Array.from({ length: DATAGRAMS }, make);
        const before = await dropsOf(fleet.pod(0));
        await sendDatagrams(datagrams, to);
        const unreadable = datagrams.filter(isNoMessage).length;
        const counted = async (): Promise<boolean> => (await dropsOf(fleet.pod(0))) - before >= unreadable;
        await until(counted, COUNTED_WITHIN_MS, `${String(unreadable)} drops to be counted`);
      }
      expect(await fleet.pod(0).ready()).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(
    'every message of the corpora, over UDP and TCP',
    async () => {
      for (const to of ports()) {
        await sendDatagrams(CORPUS, to);
        for (const bytes of CORPUS) void pourInto(to, bytes);
      }
      await pause(1000);
      expect(await fleet.pod(0).ready()).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(
    'a connection that carries no SIP is closed, and counted',
    async () => {
      for (const to of ports()) {
        const before = await dropsOf(fleet.pod(0));
        const ends = Array.from({ length: CONNECTIONS }, () =>
          pourInto(to, Buffer.concat([anyBytes(), Buffer.from('\r\n\r\n')])),
        );
        expect(await Promise.all(ends)).toEqual(ends.map(() => 'closed'));
        expect((await dropsOf(fleet.pod(0))) - before).toBeGreaterThanOrEqual(CONNECTIONS);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'the calls went on all the while, and the pod has not grown',
    async () => {
      expect(await talk.stop(COUNTED_WITHIN_MS)).toBe(true);
      // A flooded machine may be late; nothing may be refused or lost.
      const faults = new TalkLedger(talk).faults().filter((fault) => !fault.includes('had to be repeated'));
      expect(faults).toEqual([]);
      expect(talk.requests(calls[0]?.caller ?? fail()).length).toBeGreaterThan(1);
      expect(residentMb(fleet.pod(0)) - memoryMb).toBeLessThan(GROWTH_MB);
      for (const call of calls) await hangUp(call, 'callee');
      await fleet.leaks.passed(fleet.pods);
    },
    TIMEOUT_MS,
  );
});

function fail(): never {
  throw new Error('no call');
}

/** Writes bytes on a connection of their own, and says whether the far end closed it in time. */
function pourInto(to: SocketAddress, bytes: Buffer): Promise<'closed' | 'open'> {
  return new Promise((resolve) => {
    const socket = connect(to.port, to.address, () => socket.write(bytes));
    const timer = setTimeout(() => {
      resolve('open');
      socket.destroy();
    }, CLOSED_WITHIN_MS);
    socket.on('error', () => undefined);
    socket.resume();
    socket.on('close', () => {
      clearTimeout(timer);
      resolve('closed');
    });
  });
}
