import { isIPv6 } from 'node:net';
import type { Flow } from '../flow.ts';
import { responsePort } from './response-port.ts';
import { DEFAULT_TCP_LIMITS, TcpListener, type TcpLimits } from './tcp-listener.ts';
import { UdpSocket } from './udp-socket.ts';

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
  private readonly limits: TcpLimits;
  private readonly udp = new Map<string, UdpSocket>();
  private readonly tcp = new Map<string, TcpListener>();

  constructor(bindings: readonly Binding[], events: TransportEvents, limits: TcpLimits = DEFAULT_TCP_LIMITS) {
    this.bindings = bindings;
    this.events = events;
    this.limits = limits;
  }

  /** Binds every listener; rejects, with nothing left open, when one cannot be bound. */
  async start(): Promise<void> {
    try {
      for (const binding of this.bindings) {
        if (binding.transports.includes('UDP')) await this.openUdp(binding);
        if (binding.transports.includes('TCP')) await this.openTcp(binding);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes all sockets; what is sent afterwards fails. */
  async close(): Promise<void> {
    const sockets = [...this.udp.values(), ...this.tcp.values()];
    this.udp.clear();
    this.tcp.clear();
    await Promise.all(sockets.map((socket) => socket.close()));
  }

  /** Whether a live connection of that listener ends at this address and port. */
  hasConnection(listener: string, address: string, port: number): boolean {
    return this.tcp.get(listener)?.has(address, port) === true;
  }

  /**
   * Sends from a flow's listener; over TCP on the connection there is, else on a new one. `failed` is called at most
   * once, never before this returns.
   */
  send(flow: Flow, text: string, failed?: () => void): void {
    const sent =
      isSendable(flow) &&
      (flow.transport === 'UDP' ? this.sendUdp(flow, text, failed) : this.sendTcp(flow, text, failed));
    if (sent) return;
    this.events.drop('unsendable');
    if (failed) process.nextTick(failed);
  }

  private sendUdp(flow: Flow, text: string, failed: (() => void) | undefined): boolean {
    const socket = this.udp.get(flow.listener);
    socket?.send(text, flow, failed);
    return socket !== undefined;
  }

  private sendTcp(flow: Flow, text: string, failed: (() => void) | undefined): boolean {
    const listener = this.tcp.get(flow.listener);
    if (!listener) return false;
    const { address, port } = flow;
    const open = listener.has(address, port) ? undefined : responsePort(text);
    listener.send(text, { address, port: open ?? port }, failed);
    return true;
  }

  private async openUdp({ name, address, port }: Binding): Promise<void> {
    const socket = new UdpSocket(isIPv6(address) ? 6 : 4, {
      message: (text, from, fromPort) => {
        this.events.message(text, { listener: name, transport: 'UDP', address: from, port: fromPort });
      },
      error: () => {
        this.events.drop('udp_error');
      },
    });
    await socket.bind(address, port);
    this.udp.set(name, socket);
  }

  private async openTcp({ name, address, port }: Binding): Promise<void> {
    const listener = new TcpListener(
      address,
      {
        message: (text, from, fromPort) => {
          this.events.message(text, { listener: name, transport: 'TCP', address: from, port: fromPort });
        },
        drop: (reason) => {
          this.events.drop(reason);
        },
      },
      this.limits,
    );
    await listener.listen(port);
    this.tcp.set(name, listener);
  }
}

/** Whether the socket layer takes the far end at all: messages carry any port, and an empty host would mean this machine. */
function isSendable({ address, port }: Flow): boolean {
  return address !== '' && Number.isInteger(port) && port > 0 && port < 65_536;
}
