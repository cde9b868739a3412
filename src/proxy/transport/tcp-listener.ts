import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { TcpConnection } from './tcp-connection.ts';

/** Bounds of one listener's connections. */
export interface TcpLimits {
  /** How long a connection may take to be made. */
  connectMs: number;
  /** How long a connection may carry nothing. */
  idleMs: number;
  connections: number;
  /** What one peer may leave unread, in bytes. */
  unsentBytes: number;
}

/** 4 s is when the next target is tried; an hour outlasts most session refreshes; 4 MiB are the re-home requests of some 3,000 calls. */
export const DEFAULT_TCP_LIMITS: TcpLimits = {
  connectMs: 4000,
  idleMs: 3_600_000,
  connections: 20_000,
  unsentBytes: 4 * 1024 * 1024,
};

/** What a TCP listener reports. */
export interface TcpEvents {
  message(text: string, address: string, port: number): void;
  /** A connection was refused or given up, and why. */
  drop(reason: string): void;
}

/** One bound TCP port and all connections made to it or from its address; a connection is known by its far end. */
export class TcpListener {
  private readonly address: string;
  private readonly events: TcpEvents;
  private readonly limits: TcpLimits;
  private readonly server: Server;
  private readonly all = new Set<TcpConnection>();
  private readonly byFarEnd = new Map<string, TcpConnection>();

  constructor(address: string, events: TcpEvents, limits: TcpLimits) {
    this.address = address;
    this.events = events;
    this.limits = limits;
    this.server = createServer((socket) => {
      this.accept(socket);
    });
  }

  /** Rejects when the address is taken or not this machine's. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, host: this.address, ipv6Only: isIPv6(this.address) }, () => {
        this.server.off('error', reject);
        this.server.on('error', () => {
          this.events.drop('tcp_accept');
        });
        resolve();
      });
    });
  }

  /** Whether a live connection ends at this address and port. */
  has(address: string, port: number): boolean {
    return this.liveConnection(address, port) !== undefined;
  }

  /** Sends on the connection to that far end, or makes one; `failed` is called, later, when the message did not leave. */
  send(text: string, to: { address: string; port: number }, failed: (() => void) | undefined): void {
    const connection = this.liveConnection(to.address, to.port) ?? this.open(to.address, to.port);
    if (connection) connection.send(text, failed);
    else if (failed) process.nextTick(failed);
  }

  close(): Promise<void> {
    for (const connection of this.all) connection.close();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private liveConnection(address: string, port: number): TcpConnection | undefined {
    const connection = this.byFarEnd.get(farEnd(address, port));
    return connection?.isOpen === true ? connection : undefined;
  }

  private accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    // A peer that has gone already has no address.
    if (remoteAddress === undefined || remotePort === undefined || this.isFull()) {
      socket.destroy();
      return;
    }
    this.adopt(socket, remoteAddress, remotePort);
    socket.setTimeout(this.limits.idleMs);
  }

  private open(address: string, port: number): TcpConnection | undefined {
    if (this.isFull()) return undefined;
    const socket = connect({ host: address, port, localAddress: this.address });
    const connection = this.adopt(socket, address, port);
    socket.setTimeout(this.limits.connectMs);
    socket.once('connect', () => {
      socket.setTimeout(this.limits.idleMs);
    });
    return connection;
  }

  private isFull(): boolean {
    if (this.all.size < this.limits.connections) return false;
    this.events.drop('tcp_connection_limit');
    return true;
  }

  private adopt(socket: Socket, address: string, port: number): TcpConnection {
    const key = farEnd(address, port);
    const connection: TcpConnection = new TcpConnection(
      socket,
      {
        message: (text) => {
          this.events.message(text, address, port);
        },
        broken: (reason) => {
          this.events.drop(reason);
        },
        closed: () => {
          this.all.delete(connection);
          if (this.byFarEnd.get(key) === connection) this.byFarEnd.delete(key);
        },
      },
      this.limits.unsentBytes,
    );
    socket.on('timeout', () => {
      connection.close();
    });
    this.all.add(connection);
    this.byFarEnd.set(key, connection);
    return connection;
  }
}

function farEnd(address: string, port: number): string {
  return `${address} ${String(port)}`;
}
