import type { TLSSocket } from 'node:tls';
import type { Identity } from './identity.ts';
import { encodeIntroduction, readIntroduction, type Introduction } from './introduction.ts';

/** From the first byte to the peer's introduction, in ms. */
export const HANDSHAKE_LIMIT_MS = 2000;
/** Bytes that may wait in this process; past them the peer is too slow and resumes on a new stream. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const KEEP_ALIVE_MS = 5000;
const CLOSED_BY_PEER: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** Why a stream ended: the peer closed it, nobody listens, it was never a member's, or this end gave it up. */
export type LinkEnd =
  | 'remote'
  | 'refused'
  | 'handshake'
  | 'stranger'
  | 'timeout'
  | 'overflow'
  | 'duplicate'
  | 'given-up'
  | 'path';

/** What a link tells the one who made it. */
export interface LinkEvents {
  /** Whether this is a pod that we expect. */
  admits(introduction: Introduction): boolean;
  /** The peer is known, and this pod has introduced itself. */
  opened(link: Link, peer: Introduction): void;
  received(link: Link, bytes: Buffer): void;
  /** Once, whatever happened. `detail`: the system's or the TLS library's code, '' if there is none. */
  ended(link: Link, how: LinkEnd, detail: string): void;
}

/** How a link came to be. */
export interface LinkOrigin {
  readonly socket: TLSSocket;
  /** The pod that was dialled; undefined for an accepted stream until it is introduced. */
  readonly dialled: string | undefined;
}

/** One TLS stream with another pod, from its first byte to its end. */
export class Link {
  readonly dialled: string | undefined;
  /** Who is at the other end; undefined before the introduction. */
  peer: Introduction | undefined;
  /** When the peer was introduced, in ms. */
  openedAtMs = 0;
  readonly #self: Identity;
  readonly #socket: TLSSocket;
  readonly #events: LinkEvents;
  readonly #deadline: NodeJS.Timeout;
  #unread: Buffer = Buffer.alloc(0);
  #secure = false;
  #ended = false;

  constructor(self: Identity, origin: LinkOrigin, events: LinkEvents) {
    this.#self = self;
    this.#socket = origin.socket;
    this.#events = events;
    this.dialled = origin.dialled;
    this.#deadline = setTimeout(() => {
      this.close('timeout');
    }, HANDSHAKE_LIMIT_MS);
    this.#listen();
    if (origin.dialled === undefined) this.#becomeSecure();
    else origin.socket.once('secureConnect', this.#becomeSecure.bind(this));
  }

  /** Bytes that wait in this process for the peer to read. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Writes what leaves at the next `flush`. */
  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#socket.writableLength + bytes.length > MAX_WAITING_BYTES) {
      this.close('overflow');
      return;
    }
    if (this.#socket.writableCorked === 0) this.#socket.cork();
    this.#socket.write(bytes);
  }

  flush(): void {
    if (!this.#ended && this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  close(how: LinkEnd): void {
    this.#end(how, '');
  }

  #listen(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (bytes: Buffer) => {
      this.#read(bytes);
    });
    socket.on('end', () => {
      this.#end('remote', 'end');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#end(this.#classify(error.code ?? ''), error.code ?? error.message);
    });
    socket.on('close', () => {
      this.#end('path', 'close');
    });
  }

  #becomeSecure(): void {
    this.#secure = true;
    if (this.dialled !== undefined) this.#introduce(this.dialled);
  }

  #introduce(receiver: string): void {
    this.#socket.write(encodeIntroduction(this.#self, receiver));
  }

  #read(bytes: Buffer): void {
    if (this.#ended) return;
    if (this.peer === undefined) this.#readIntroduction(bytes);
    else this.#events.received(this, bytes);
  }

  #readIntroduction(bytes: Buffer): void {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    const read = readIntroduction(this.#unread);
    if (read === 'incomplete') return;
    if (read === 'malformed' || !this.#isExpected(read.introduction)) {
      this.close('stranger');
      return;
    }
    clearTimeout(this.#deadline);
    this.peer = read.introduction;
    if (this.dialled === undefined) this.#introduce(read.introduction.pod);
    this.#events.opened(this, read.introduction);
    if (read.rest.length > 0) this.#read(read.rest);
  }

  #isExpected(introduction: Introduction): boolean {
    const { cluster, pod, receiver } = introduction;
    if (cluster !== this.#self.cluster || receiver !== this.#self.pod) return false;
    return (this.dialled ?? pod) === pod && this.#events.admits(introduction);
  }

  #classify(code: string): LinkEnd {
    if (code === 'ECONNREFUSED') return 'refused';
    if (CLOSED_BY_PEER.has(code)) return 'remote';
    return this.#secure ? 'path' : 'handshake';
  }

  #end(how: LinkEnd, detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#socket.destroy();
    this.#events.ended(this, how, detail);
  }
}
