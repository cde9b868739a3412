import { createSocket, type Socket } from 'node:dgram';
import { lookup, type LookupOneOptions } from 'node:dns';
import { isIP } from 'node:net';

/** A pause of some hundred milliseconds must not lose what came in meanwhile. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_DATAGRAM = 65_536;

/** One UDP listener: datagrams as latin1 text. */
export class UdpSocket {
  private readonly socket: Socket;
  private readonly out = Buffer.allocUnsafe(MAX_DATAGRAM);

  constructor(
    family: 4 | 6,
    receive: (text: string, address: string, port: number) => void,
    failed: (error: Error) => void,
  ) {
    this.socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: lookupAtOnce,
    });
    this.socket.on('message', (bytes, remote) => {
      receive(bytes.toString('latin1'), remote.address, remote.port);
    });
    this.socket.on('error', failed);
  }

  bind(address: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.bind(port, address, () => {
        this.socket.off('error', reject);
        resolve();
      });
    });
  }

  send(text: string, address: string, port: number, failed: (() => void) | undefined): void {
    // With a literal address and an empty queue the bytes are in the kernel when `send` returns, so one buffer serves all.
    const keeps = this.socket.getSendQueueCount() > 0 || isIP(address) === 0;
    const buffer = keeps ? Buffer.from(text, 'latin1') : this.out;
    const length = keeps ? buffer.length : this.out.write(text, 0, 'latin1');
    if (!failed) {
      this.socket.send(buffer, 0, length, port, address);
      return;
    }
    this.socket.send(buffer, 0, length, port, address, (error) => {
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
