import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ControlProblem, ControlReport, ControlState } from '../../../src/api/control.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import { serverSettings } from '../../../src/mesh/tls-settings.ts';

export const TEST_KEY = { id: 'k1', secret: 'a-secret-that-only-tests-have-0123456789' };

export const testRing = (): KeyRing =>
  new KeyRing([{ id: TEST_KEY.id, secret: Buffer.from(TEST_KEY.secret) }]);

/** A report of a pod that knows nothing yet. */
export function emptyReport(pod: string, boot: string): ControlReport {
  return {
    version: `${boot}-0`,
    term: 0,
    generation: 0,
    voterId: `voter-${pod}`,
    status: {
      pod,
      cluster: 'edge',
      role: 'proxy',
      boot,
      ready: false,
      reason: 'no roster yet',
      draining: false,
      roster: { number: 0, majority: 1, conflict: false },
      members: [],
      tags: [],
      dialogs: { early: 0, confirmed: 0 },
      legs: { home: 0, away: 0 },
      transactions: 0,
      timers: 0,
      heldMessages: 0,
    },
    granted: {},
    dialogs: {},
    ringing: 0,
    relaying: 0,
    takeovers: [],
    refusedHandOvers: [],
  };
}

/** The control API of a pod over real TLS-PSK, with `onState` as the pod behind it. */
export class FakeControlServer {
  report: ControlReport;
  /** The keys that it goes by. */
  readonly ring: KeyRing;
  /** Every state that was taken, oldest first. */
  readonly states: ControlState[] = [];
  /** Answers the next states with this instead of taking them. */
  refusal: { status: number; problem: ControlProblem } | undefined;
  onState: (state: ControlState) => void = () => undefined;
  #version = 0;
  #waiting = new Set<() => void>();
  #server: Server;
  #timers = new Set<NodeJS.Timeout>();
  #sockets = new Set<Duplex>();

  constructor(report: ControlReport, ring: KeyRing = testRing()) {
    this.report = report;
    this.ring = ring;
    this.#server = createServer({ ...serverSettings(ring) }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(address = '127.0.0.1', port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Changes the report and answers whoever waits for that. */
  change(change: Partial<ControlReport>): void {
    this.report = { ...this.report, ...change, version: `${this.report.status.boot}-${++this.#version}` };
    for (const answer of this.#waiting) answer();
    this.#waiting.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'PUT') await this.#put(request, response);
    else this.#get(new URL(request.url ?? '', 'https://pod').searchParams, response);
  }

  #get(query: URLSearchParams, response: ServerResponse): void {
    const answer = (): void => {
      response.end(JSON.stringify(this.report));
    };
    if (query.get('since') !== this.report.version) {
      answer();
      return;
    }
    this.#waiting.add(answer);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (this.#waiting.delete(answer)) answer();
      },
      Number(query.get('wait')) * 1000,
    );
    this.#timers.add(timer);
  }

  async #put(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const state = JSON.parse(Buffer.concat(chunks).toString()) as ControlState;
    const refusal = this.refusal ?? this.#stale(state);
    if (refusal !== undefined) {
      response.writeHead(refusal.status);
      response.end(JSON.stringify(refusal.problem));
      return;
    }
    this.states.push(state);
    this.onState(state);
    this.change({ term: state.term, generation: state.generation });
    response.end(JSON.stringify(this.report));
  }

  #stale({ term, generation }: ControlState): FakeControlServer['refusal'] {
    const { report } = this;
    if (term > report.term || (term === report.term && generation > report.generation)) return undefined;
    return { status: 409, problem: { code: 'CONTROL_STALE', message: 'there is a newer state' } };
  }
}
