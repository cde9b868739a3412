import type { Socket } from 'node:net';
import { StreamFraming } from '../../sip/stream-framing.ts';

const MAX_UNSENT_BYTES = 1024 * 1024;
const CRLF = '\r\n';

/** What a connection reports. */
export interface ConnectionEvents {
  message(text: string): void;
  /** Bytes that are no SIP; the connection is closed. */
  broken(code: string): void;
  closed(): void;
}

/** One TCP connection that carries SIP messages, framed by Content-Length. */
export class TcpConnection {
  readonly socket: Socket;
  private readonly framing = new StreamFraming();
  private readonly events: ConnectionEvents;
  private readonly waiting = new Set<() => void>();

  constructor(socket: Socket, events: ConnectionEvents) {
    this.socket = socket;
    this.events = events;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.read(bytes);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const failed of this.waiting) failed();
      this.waiting.clear();
      events.closed();
    });
  }

  /** `failed` is called if the bytes cannot be handed to the kernel. */
  send(text: string, failed: (() => void) | undefined): void {
    if (this.socket.destroyed || this.socket.writableLength > MAX_UNSENT_BYTES) {
      failed?.();
      return;
    }
    if (!failed) {
      this.socket.write(text, 'latin1');
      return;
    }
    this.waiting.add(failed);
    this.socket.write(text, 'latin1', () => {
      this.waiting.delete(failed);
    });
  }

  private read(bytes: Buffer): void {
    this.socket.cork();
    for (const event of this.framing.feed(bytes.toString('latin1'))) {
      if (event.type === 'message') this.events.message(event.text);
      else if (event.type === 'ping') this.socket.write(CRLF);
      else {
        this.events.broken(event.code);
        this.socket.destroy();
      }
    }
    this.socket.uncork();
  }
}
