import { createSocket, type Socket } from 'node:dgram';
import type { AddressLookup } from './address-lookup.ts';
import type { MeshAddress } from './links.ts';
import type { ProbeSeal, SealFailure } from './probe-seal.ts';

/** Room for what comes while this process is busy or asleep. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** What the probe socket reports. */
export interface ProbesEvents {
  received(from: string, payload: Uint8Array): void;
  /** A datagram that is no probe of a member. */
  dropped(reason: SealFailure, address: string): void;
  /** A datagram that could not be sent. */
  unsent(pod: string, code: string): void;
}

/** What the probe socket is made of. */
export interface ProbesParts {
  readonly bind: MeshAddress;
  readonly peers: ReadonlyMap<string, MeshAddress>;
  readonly seal: ProbeSeal;
  readonly lookup: AddressLookup;
}

/** Sealed datagrams with the other members, on the address and port number of the mesh's streams. */
export class Probes {
  readonly #parts: ProbesParts;
  readonly #events: ProbesEvents;
  readonly #socket: Socket;
  #closed = false;

  constructor(parts: ProbesParts, events: ProbesEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#socket = createSocket({
      type: parts.lookup.family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: parts.lookup.one,
    });
  }

  /** Binds the socket. Rejects if the address is taken. */
  async start(): Promise<void> {
    const { address, port } = this.#parts.bind;
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address, port }, () => {
        this.#socket.off('error', reject);
        resolve();
      });
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#events.unsent('', error.code ?? error.message);
    });
    this.#socket.on('message', (datagram, { address: from }) => {
      this.#receive(datagram, from);
    });
  }

  stop(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  /** Sends a payload to a member; what cannot leave is lost, as the network may lose it. */
  send(pod: string, payload: Uint8Array): void {
    const to = this.#parts.peers.get(pod);
    if (to === undefined || this.#closed) return;
    this.#socket.send(
      this.#parts.seal.seal(pod, payload),
      to.port,
      to.address,
      (error: NodeJS.ErrnoException | null) => {
        if (error) this.#events.unsent(pod, error.code ?? error.message);
      },
    );
  }

  #receive(datagram: Buffer, address: string): void {
    const opened = this.#parts.seal.open(datagram);
    if ('failure' in opened) this.#events.dropped(opened.failure, address);
    else this.#events.received(opened.from, opened.payload);
  }
}
