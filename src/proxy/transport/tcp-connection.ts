import type { Socket } from 'node:net';
import { StreamFraming } from '../../sip/stream-framing.ts';

const CRLF = '\r\n';

/** What a connection reports. */
export interface ConnectionEvents {
  message(text: string): void;
  /** The connection is given up, and why: bytes that are no SIP, or a peer that reads nothing. */
  broken(reason: string): void;
  closed(): void;
}

/** One TCP connection that carries SIP messages, framed by Content-Length. */
export class TcpConnection {
  private readonly socket: Socket;
  private readonly events: ConnectionEvents;
  private readonly maxUnsentBytes: number;
  private readonly framing = new StreamFraming();
  private isCorked = false;

  constructor(socket: Socket, events: ConnectionEvents, maxUnsentBytes: number) {
    this.socket = socket;
    this.events = events;
    this.maxUnsentBytes = maxUnsentBytes;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.read(bytes);
    });
    // What could not be written is reported to who wrote it; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      events.closed();
    });
  }

  /** Whether messages can be sent: open or being opened. */
  get isOpen(): boolean {
    return this.socket.writable;
  }

  /** `failed` is called, later, when the connection ends before the kernel took the whole message. */
  send(text: string, failed: (() => void) | undefined): void {
    if (this.exceedsLimit(text)) {
      // What waits for the end of this turn is no sign of a peer that reads nothing.
      this.uncork();
      if (this.exceedsLimit(text)) this.giveUp('tcp_unsent_limit');
    }
    this.cork();
    if (!failed) {
      this.socket.write(text, 'latin1');
      return;
    }
    this.socket.write(text, 'latin1', (error) => {
      if (error) failed();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** Everything sent in this turn of the event loop, as after one read of a busy trunk, leaves in one write. */
  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.socket.cork();
    process.nextTick(() => {
      this.uncork();
    });
  }

  private uncork(): void {
    if (!this.isCorked) return;
    this.isCorked = false;
    this.socket.uncork();
  }

  private exceedsLimit(text: string): boolean {
    return this.socket.writableLength + text.length > this.maxUnsentBytes;
  }

  private read(bytes: Buffer): void {
    for (const event of this.framing.feed(bytes.toString('latin1'))) {
      if (event.type === 'message') this.events.message(event.text);
      else if (event.type === 'ping') this.send(CRLF, undefined);
      else this.giveUp(event.code);
    }
  }

  private giveUp(reason: string): void {
    this.events.broken(reason);
    this.socket.destroy();
  }
}
