import { createSocket, type Socket } from 'node:dgram';
import { lookup, type LookupOneOptions } from 'node:dns';
import { isIP } from 'node:net';

/** A pause of some hundred milliseconds must not lose what came in meanwhile. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_DATAGRAM = 65_536;

/** What a UDP socket reports. */
export interface UdpEvents {
  message(text: string, address: string, port: number): void;
  /** The kernel refused something that nobody waits for. */
  error(error: Error): void;
}

/** One bound UDP socket: datagrams as latin1 text. */
export class UdpSocket {
  private readonly socket: Socket;
  private readonly events: UdpEvents;
  private readonly out = Buffer.allocUnsafe(MAX_DATAGRAM);

  constructor(family: 4 | 6, events: UdpEvents) {
    this.events = events;
    this.socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: lookupAtOnce,
    });
    this.socket.on('message', (bytes, remote) => {
      events.message(bytes.toString('latin1'), remote.address, remote.port);
    });
  }

  /** Rejects, and closes the socket, when the address is taken or not this machine's. */
  bind(address: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.socket.close();
        reject(error);
      };
      this.socket.once('error', fail);
      this.socket.bind(port, address, () => {
        this.socket.off('error', fail);
        this.socket.on('error', (error) => {
          this.events.error(error);
        });
        resolve();
      });
    });
  }

  /** `failed` is called, later, when the kernel refuses the datagram. */
  send(text: string, to: { address: string; port: number }, failed: (() => void) | undefined): void {
    // With a literal address and an empty queue the bytes are in the kernel when `send` returns, so one buffer serves all.
    const keeps = this.socket.getSendQueueCount() > 0 || isIP(to.address) === 0;
    const buffer = keeps ? Buffer.from(text, 'latin1') : this.out;
    const length = keeps ? buffer.length : this.out.write(text, 0, 'latin1');
    if (!failed) {
      this.socket.send(buffer, 0, length, to.port, to.address);
      return;
    }
    this.socket.send(buffer, 0, length, to.port, to.address, (error) => {
      if (error) failed();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.close(() => {
        resolve();
      });
    });
  }
}

/** Literal addresses need no look-up, not even a turn of the event loop. */
function lookupAtOnce(
  host: string,
  options: LookupOneOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(host);
  if (family !== 0) callback(null, host, family);
  else lookup(host, options, callback);
}
