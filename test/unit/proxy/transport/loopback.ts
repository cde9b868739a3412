import { createServer } from 'node:net';
import type { Flow } from '../../../../src/proxy/flow.ts';
import type { TcpLimits } from '../../../../src/proxy/transport/tcp-listener.ts';
import { Transports, type Binding } from '../../../../src/proxy/transport/transports.ts';

const DEADLINE_MS = 5000;

/** Waits until the condition holds; fails when it does not within some seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A port that is free on that address for now. */
export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => {
        resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
      });
    });
  });
}

/** A SIP request of so many bytes of body. */
export function request(name: string, body = ''): string {
  return (
    `MESSAGE sip:${name}@pod.example SIP/2.0\r\nVia: SIP/2.0/TCP there.example;branch=z9hG4bK${name}\r\n` +
    `Content-Length: ${String(body.length)}\r\n\r\n${body}`
  );
}

/** Transports on loopback that write down what they report. */
export class Loopback {
  readonly transports: Transports;
  readonly received: { text: string; flow: Flow }[] = [];
  readonly drops: string[] = [];

  constructor(bindings: readonly Binding[], limits?: TcpLimits) {
    this.transports = new Transports(
      bindings,
      {
        message: (text, flow) => {
          this.received.push({ text, flow });
        },
        drop: (reason) => {
          this.drops.push(reason);
        },
      },
      limits,
    );
  }

  get texts(): string[] {
    return this.received.map(({ text }) => text);
  }

  /** The flow of the newest message. */
  get flow(): Flow {
    const last = this.received.at(-1);
    if (!last) throw new Error('nothing was received');
    return last.flow;
  }

  /** Sends, and tells how often the transports said that it failed. */
  send(flow: Flow, text: string): { failures: number } {
    const outcome = { failures: 0 };
    let isSent = false;
    this.transports.send(flow, text, () => {
      if (!isSent) throw new Error('failed before send returned');
      outcome.failures += 1;
    });
    isSent = true;
    return outcome;
  }
}
