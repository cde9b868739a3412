import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TlsOptions } from 'node:tls';
import type { ControlProblem, ControlReport } from '../../api/control.ts';
import type { Logger } from '../../runtime/logger.ts';
import { endServer, listenAt } from '../../runtime/listen.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 64;
const REQUEST_LIMIT_MS = 10_000;
/** A link that nobody uses lives on for so long, in ms: longer than the longest wait for a report. */
const IDLE_LIMIT_MS = 120_000;
/** Longest wait for a change of the report, in seconds. */
const MAX_WAIT_SECONDS = 60;

/** A request that cannot be granted. */
export class Refused {
  readonly status: number;
  readonly problem: ControlProblem;

  constructor(status: number, code: ControlProblem['code'], message: string) {
    this.status = status;
    this.problem = { code, message };
  }
}

/** What the control API does. */
export interface ControlActions {
  /** Takes the state that is wanted: a parsed JSON document. */
  put(body: unknown): ControlReport | Refused;
  /** The report, as soon as its version is another one than `since` or `waitMs` are over. */
  report(since: string, waitMs: number): Promise<ControlReport>;
  /** A connection without a key of the mesh. */
  stranger(reason: string): void;
}

/** The API by which an operator steers the pod: HTTPS with the keys of the mesh, no certificates. */
export class ControlServer {
  readonly #server: Server;
  readonly #actions: ControlActions;
  readonly #log: Logger;

  constructor(tls: TlsOptions, actions: ControlActions, log: Logger) {
    this.#actions = actions;
    this.#log = log;
    const limits = { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS };
    this.#server = createServer({ ...tls, ...limits }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#failed(request, response, error);
      });
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.keepAliveTimeout = IDLE_LIMIT_MS;
    this.#server.on('tlsClientError', (error) => {
      actions.stranger(error.message);
    });
  }

  /** Listens. Rejects if the address is taken. */
  async start(bind: { readonly address: string; readonly port: number }): Promise<void> {
    await listenAt(this.#server, bind);
  }

  async stop(): Promise<void> {
    await endServer(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '', 'https://pod');
    const answer = await this.#answer(request, url);
    if (answer instanceof Refused) send(response, answer.status, answer.problem);
    else send(response, 200, answer);
  }

  async #answer(request: IncomingMessage, url: URL | null): Promise<ControlReport | Refused> {
    if (url?.pathname === '/v1/state')
      return request.method === 'PUT' ? this.#put(request) : wrongMethod('PUT');
    if (url?.pathname === '/v1/report')
      return request.method === 'GET' ? this.#report(url.searchParams) : wrongMethod('GET');
    return new Refused(404, 'CONTROL_PATH', 'there are PUT /v1/state and GET /v1/report');
  }

  async #put(request: IncomingMessage): Promise<ControlReport | Refused> {
    const text = await bodyOf(request);
    if (text === undefined)
      return new Refused(413, 'CONTROL_TOO_LARGE', `a state has at most ${MAX_BODY_BYTES} bytes`);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      return new Refused(400, 'CONTROL_BODY', `the body is no JSON: ${(error as Error).message}`);
    }
    return this.#actions.put(body);
  }

  async #report(query: URLSearchParams): Promise<ControlReport> {
    const wait = Number(query.get('wait') ?? 0);
    const seconds = wait > 0 ? Math.min(wait, MAX_WAIT_SECONDS) : 0;
    return this.#actions.report(query.get('since') ?? '', seconds * 1000);
  }

  #failed(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // A client that went away while its body came is no fault of this program.
    if (request.destroyed && !request.complete) return;
    this.#log.error('a control request could not be handled', {
      code: 'CONTROL_FAILED',
      url: request.url,
      error: String(error),
      stack: (error as Error).stack,
    });
    response.destroy();
  }
}

function wrongMethod(method: string): Refused {
  return new Refused(405, 'CONTROL_METHOD', `${method} only`);
}

/** The body of a request; undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: ControlReport | ControlProblem): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    // The rest of a body that is too long is not read.
    ...(status === 413 && { Connection: 'close' }),
  });
  response.end(text);
}
