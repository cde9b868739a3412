import { hash, timingSafeEqual } from 'node:crypto';
import type { Identity } from './identity.ts';
import type { KeyRing, RingKey } from './key-ring.ts';
import { ReplayGuard } from './replay-guard.ts';

// version | key id | sender | receiver | boot id | counter (6 bytes) | payload | MAC; names are a length byte and UTF-8.
const VERSION = 1;
const COUNTER_BYTES = 6;
const MAC_BYTES = 16;
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Counters start at the wall clock times this: later boots start higher, and 48 bits last until the year 2109. */
const COUNTERS_PER_MS = 64;
/** Above what one UDP datagram holds. */
const MAX_PACKET_BYTES = 65_536;

/** Why a datagram was not taken for a probe. */
export type SealFailure = 'malformed' | 'key' | 'mac' | 'receiver' | 'replay';

/** A datagram that carries a probe of `from`, or the reason why it does not. */
export type Opened =
  { readonly from: string; readonly payload: Uint8Array } | { readonly failure: SealFailure };

/** Seals and opens probes: a truncated HMAC-SHA256 over all that is sent, each counter valid once. */
export class ProbeSeal {
  readonly replays: ReplayGuard = new ReplayGuard();
  readonly #self: Identity;
  readonly #keys: KeyRing;
  readonly #counters = new Map<string, number>();
  readonly #firstCounter: number;
  readonly #scratch = Buffer.alloc(BLOCK_BYTES + MAX_PACKET_BYTES);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  constructor(self: Identity, keys: KeyRing, wallClockMs: number) {
    this.#self = self;
    this.#keys = keys;
    this.#firstCounter = wallClockMs * COUNTERS_PER_MS;
  }

  /** The datagram for `receiver`, in memory of its own. */
  seal(receiver: string, payload: Uint8Array): Buffer {
    const counter = this.#counters.get(receiver) ?? this.#firstCounter;
    this.#counters.set(receiver, counter + 1);
    const packet = this.#scratch.subarray(BLOCK_BYTES);
    let at = packet.writeUInt8(VERSION, 0);
    for (const name of [this.#keys.first.id, this.#self.pod, receiver, this.#self.bootId]) {
      at = writeName(packet, name, at);
    }
    at = packet.writeUIntBE(counter, at, COUNTER_BYTES);
    packet.set(payload, at);
    at += payload.length;
    packet.set(this.#mac(this.#keys.first, at), at);
    return Buffer.from(packet.subarray(0, at + MAC_BYTES));
  }

  /** The sender and payload of a datagram that a member sealed for this pod and that was not met before. */
  open(datagram: Buffer): Opened {
    const head = readHead(datagram);
    if (head === undefined) return { failure: 'malformed' };
    const key = this.#keys.find(head.keyId);
    if (key === undefined) return { failure: 'key' };
    const macAt = datagram.length - MAC_BYTES;
    this.#scratch.set(datagram, BLOCK_BYTES);
    if (!timingSafeEqual(this.#mac(key, macAt), datagram.subarray(macAt))) return { failure: 'mac' };
    if (head.receiver !== this.#self.pod || head.sender === this.#self.pod) return { failure: 'receiver' };
    if (!this.replays.pass(head.sender, head.boot, head.counter)) return { failure: 'replay' };
    return { from: head.sender, payload: datagram.subarray(head.end, macAt) };
  }

  /** HMAC over the first `length` bytes of the packet in the scratch buffer: two one-shot hashes, no object is made. */
  #mac(key: RingKey, length: number): Buffer {
    this.#scratch.set(key.inner, 0);
    this.#outer.set(key.outer, 0);
    this.#outer.set(hash('sha256', this.#scratch.subarray(0, BLOCK_BYTES + length), 'buffer'), BLOCK_BYTES);
    return hash('sha256', this.#outer, 'buffer').subarray(0, MAC_BYTES);
  }
}

function writeName(packet: Buffer, name: string, at: number): number {
  const length = packet.write(name, at + 1);
  packet.writeUInt8(length, at);
  return at + 1 + length;
}

interface Head {
  keyId: string;
  sender: string;
  receiver: string;
  boot: string;
  counter: number;
  end: number;
}

function readHead(datagram: Buffer): Head | undefined {
  if (datagram.length > MAX_PACKET_BYTES || datagram[0] !== VERSION) return undefined;
  const names: string[] = [];
  let at = 1;
  while (names.length < 4) {
    const length = datagram[at];
    if (length === undefined) return undefined;
    names.push(datagram.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + COUNTER_BYTES;
  if (end + MAC_BYTES > datagram.length) return undefined;
  const [keyId = '', sender = '', receiver = '', boot = ''] = names;
  return { keyId, sender, receiver, boot, counter: datagram.readUIntBE(at, COUNTER_BYTES), end };
}
