import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { runCalls } from '../../../src/console/calls.ts';
import type { runStatus } from '../../../src/console/status.ts';

/** What a command wrote and how it ended. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Serves one answer for every page, and notes what was asked for. */
export class FakePod {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(status: number, body: string): Promise<FakePod> {
    const server = createServer((request, response) => {
      pod.asked.push(request.url ?? '');
      response.writeHead(status).end(body);
    });
    const pod = new FakePod(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return pod;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Runs a console command and keeps what it writes. */
export async function run(command: typeof runStatus | typeof runCalls, argv: string[]): Promise<Ran> {
  const ran: Ran = { code: -1, stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr'): { write(text: string): void } => ({
    write: (text) => {
      ran[name] += text;
    },
  });
  ran.code = await command(argv, { stdout: sink('stdout'), stderr: sink('stderr') });
  return ran;
}
