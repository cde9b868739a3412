import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Flow } from '../flow.ts';
import { TcpConnection } from './tcp-connection.ts';
import { UdpSocket } from './udp-socket.ts';

const CONNECT_LIMIT_MS = 4_000;
const IDLE_LIMIT_MS = 3_600_000;
const MAX_CONNECTIONS = 20_000;

/** Where one listener is bound. */
export interface Binding {
  name: string;
  address: string;
  port: number;
  transports: readonly ('UDP' | 'TCP')[];
}

/** What the transports report. */
export interface TransportEvents {
  message(text: string, flow: Flow): void;
  /** Something was dropped, and why. */
  drop(reason: string): void;
}

/** All sockets of the pod's listeners. */
export class Transports {
  private readonly bindings: readonly Binding[];
  private readonly events: TransportEvents;
  private readonly udp = new Map<string, UdpSocket>();
  private readonly servers: Server[] = [];
  private readonly byAddress = new Map<string, TcpConnection>();

  constructor(bindings: readonly Binding[], events: TransportEvents) {
    this.bindings = bindings;
    this.events = events;
  }

  async start(): Promise<void> {
    for (const binding of this.bindings) {
      if (binding.transports.includes('UDP')) await this.openUdp(binding);
      if (binding.transports.includes('TCP')) await this.openTcp(binding);
    }
  }

  async close(): Promise<void> {
    for (const connection of this.byAddress.values()) connection.socket.destroy();
    for (const server of this.servers) server.close();
    await Promise.all([...this.udp.values()].map((socket) => socket.close()));
  }

  /** Whether a live connection of that listener ends at this address and port. */
  hasConnection(listener: string, address: string, port: number): boolean {
    return this.byAddress.has(keyOf(listener, address, port));
  }

  /** Sends from a flow's listener; over TCP on the connection there is, else on a new one. */
  send(flow: Flow, text: string, failed?: () => void): void {
    if (flow.transport === 'UDP') {
      const socket = this.udp.get(flow.listener);
      if (socket) socket.send(text, flow.address, flow.port, failed);
      else failed?.();
      return;
    }
    this.connectionTo(flow).send(text, failed);
  }

  private async openUdp(binding: Binding): Promise<void> {
    const receive = (text: string, address: string, port: number): void => {
      this.events.message(text, { listener: binding.name, transport: 'UDP', address, port });
    };
    const socket = new UdpSocket(binding.address.includes(':') ? 6 : 4, receive, () => {
      this.events.drop('udp_error');
    });
    await socket.bind(binding.address, binding.port);
    this.udp.set(binding.name, socket);
  }

  private openTcp(binding: Binding): Promise<void> {
    const server = createServer((socket) => {
      if (this.byAddress.size >= MAX_CONNECTIONS) {
        this.events.drop('too_many_connections');
        socket.destroy();
        return;
      }
      this.adopt(socket, binding.name, socket.remoteAddress ?? '', socket.remotePort ?? 0);
    });
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(binding.port, binding.address, resolve);
    });
  }

  private connectionTo(flow: Flow): TcpConnection {
    const known = this.byAddress.get(keyOf(flow.listener, flow.address, flow.port));
    if (known && !known.socket.destroyed) return known;
    const bound = this.bindings.find((binding) => binding.name === flow.listener)?.address;
    const socket = connect({
      host: flow.address,
      port: flow.port,
      ...(bound !== undefined && { localAddress: bound }),
    });
    const timer = setTimeout(() => socket.destroy(), CONNECT_LIMIT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
    });
    socket.once('close', () => {
      clearTimeout(timer);
    });
    return this.adopt(socket, flow.listener, flow.address, flow.port);
  }

  private adopt(socket: Socket, listener: string, address: string, port: number): TcpConnection {
    const key = keyOf(listener, address, port);
    const flow: Flow = { listener, transport: 'TCP', address, port };
    const connection = new TcpConnection(socket, {
      message: (text) => {
        this.events.message(text, flow);
      },
      broken: (code) => {
        this.events.drop(code);
      },
      closed: () => {
        if (this.byAddress.get(key) === connection) this.byAddress.delete(key);
      },
    });
    socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy());
    this.byAddress.set(key, connection);
    return connection;
  }
}

function keyOf(listener: string, address: string, port: number): string {
  return `${listener} ${address} ${String(port)}`;
}
