import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDatagram } from '../../../src/gossip/frame.ts';
import { decodeMessage, encodeMessage } from '../../../src/gossip/message-codec.ts';
import type { Message } from '../../../src/gossip/message.ts';
import { WireWriter } from '../../../src/gossip/wire.ts';

const owner = { epoch: 7, pod: 'edge-1', boot: 'b00t' };
const bytes = Uint8Array.of(1, 2, 3);
const position = { tag: 'T', epoch: 2, sequence: 12, synced: true };
const item = { key: 'k', epoch: 3, version: 4, ended: false, doubtful: true, bytes };
const base = { tag: 'T', epoch: 2 };
const named = { boot: 'b', voterId: 'v', roster: 3 };
const digests = { rosterDigest: 2 ** 40, tableDigest: 5 };

const MESSAGES: Message[] = [
  { kind: 'hello', boot: 'b', voterId: 'v', positions: [position] },
  {
    kind: 'roster',
    number: 4,
    members: [
      { pod: 'A', role: 'proxy', mesh: '10.0.0.1:7000', voterId: 'v', replaced: true },
      { pod: 'W', role: 'witness', mesh: '10.0.0.1:7000', voterId: '', replaced: false },
    ],
    floor: [{ tag: 'T', epoch: 9 }],
    granted: [],
  },
  { kind: 'table', owners: [{ tag: 'T', owner }] },
  { kind: 'compare', ...base, sequence: 9, mode: 'attach', round: 4, digest: new Uint8Array(2048).fill(3) },
  {
    kind: 'inventory',
    ...base,
    round: 4,
    items: [{ key: 'k', epoch: 1, version: 2 }],
    ended: bytes,
    buckets: bytes,
    last: true,
  },
  { kind: 'want', ...base, round: 4, keys: ['a', '', 'c'] },
  { kind: 'records', ...base, round: 4, items: [item], ended: bytes, done: true },
  { kind: 'received', ...base, round: 4, bytes: 77 },
  { kind: 'synced', ...base, sequence: 5 },
  { kind: 'changes', ...base, from: 4, to: 5, prompt: true, items: [item, { ...item, ended: true }] },
  { kind: 'ack', positions: [position] },
  { kind: 'refuse', ...base, granted: 5, owner },
  { kind: 'resync', ...base },
  { kind: 'heartbeat', tags: [{ ...base, sequence: 3, standbys: ['B', 'C'] }] },
  { kind: 'release', ...base, to: 'B', sequence: 8 },
  { kind: 'discard', ...base },
  { kind: 'payload', bytes },
  { kind: 'probe', ...named, nonce: 9, ...digests, owned: [{ ...base, lapsed: true }] },
  {
    kind: 'answer',
    ...named,
    nonce: 9,
    ...digests,
    leases: [{ ...base, renewed: true, granted: 1, owner: undefined }],
  },
  {
    kind: 'claim',
    ...named,
    rosterDigest: 6,
    tags: [{ ...base, reason: 'vacant', preVote: true, rank: 201, attempt: 3, owner }],
  },
  {
    kind: 'verdict',
    boot: 'b',
    voterId: 'v',
    claimantBoot: 'c',
    roster: 3,
    tags: [{ ...base, preVote: false, attempt: 3, answer: 'yield', granted: owner, owner: undefined }],
  },
];

function roundTrip(message: Message): unknown {
  const frame = readDatagram(encodeMessage(new WireWriter(), message, 1));
  return typeof frame === 'string' ? frame : decodeMessage(frame);
}

describe('messages', () => {
  it.each(MESSAGES.map((message) => [message.kind, message] as const))(
    '%s reads back as it was',
    (_, message) => {
      expect(roundTrip(message)).toEqual(message);
    },
  );

  it('has a kind number of its own for each', () => {
    const kinds = MESSAGES.map((message) => encodeMessage(new WireWriter(), message, 1)[5]);
    expect(new Set(kinds).size).toBe(MESSAGES.length);
  });

  it('keeps the bytes of version 1', () => {
    const hex = (message: Message): string =>
      Buffer.from(encodeMessage(new WireWriter(), message, 1)).toString('hex');
    expect(hex({ kind: 'resync', tag: 'T', epoch: 2 })).toBe(
      '0000001b010d00000000000101000000050000000154020000000400000002',
    );
    expect(hex({ kind: 'payload', bytes })).toBe('000000140111000000000001010000000700000003010203');
  });

  it('skips kinds and fields that only a newer pod knows', () => {
    const known = encodeMessage(new WireWriter(), { kind: 'resync', tag: 'T', epoch: 2 }, 1);
    const grown = Uint8Array.from([...known, 99, 0, 0, 0, 2, 1, 1]);
    new DataView(grown.buffer).setUint32(0, grown.length - 4);
    const frame = readDatagram(grown);
    expect(typeof frame !== 'string' && decodeMessage(frame)).toEqual({ kind: 'resync', tag: 'T', epoch: 2 });
    grown[5] = 200;
    const unknown = readDatagram(grown);
    expect(typeof unknown !== 'string' && decodeMessage(unknown)).toBeUndefined();
  });

  it('gives a code for damaged fields and never throws', () => {
    fc.assert(
      fc.property(fc.nat(MESSAGES.length - 1), fc.nat(4000), fc.nat(255), (which, where, value) => {
        const message = MESSAGES[which] ?? { kind: 'resync', tag: '', epoch: 0 };
        const damaged = encodeMessage(new WireWriter(), message, 1);
        damaged[where % damaged.length] = value;
        const frame = readDatagram(damaged);
        if (typeof frame !== 'string') decodeMessage(frame);
      }),
      { numRuns: 2000 },
    );
    const cut = encodeMessage(new WireWriter(), { kind: 'resync', tag: 'T', epoch: 2 }, 1).slice(0, -1);
    new DataView(cut.buffer).setUint32(0, cut.length - 4);
    const frame = readDatagram(cut);
    expect(typeof frame !== 'string' && decodeMessage(frame)).toBe('field');
  });
});
