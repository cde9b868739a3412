import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ApiAddress } from './api-server-process.ts';

/** A request as it came. */
export interface ProxiedRequest {
  method: string;
  /** Path and query. */
  path: string;
  isWatch: boolean;
}

/** What is done to a request instead of passing it on, or before. */
export type ApiFault =
  | { kind: 'status'; code: number; retryAfter?: number }
  /** It is passed on later. */
  | { kind: 'slow'; ms: number }
  /** It is never answered. */
  | { kind: 'hang' }
  /** The server does what is asked, and the connection ends before the answer. */
  | { kind: 'lost' }
  /** A list is answered as it was when it was last passed on; a watch says nothing. */
  | { kind: 'stale' };

const JSON_TYPE = { 'content-type': 'application/json' };

/** Plain HTTP before an API server, which makes trouble when it is told to. */
export class ApiProxy {
  /** Asked for every request. */
  fault: (asked: ProxiedRequest) => ApiFault | undefined = () => undefined;
  /** How many requests met each kind of fault; of stale ones, lists that were answered. */
  readonly met: Map<ApiFault['kind'], number> = new Map();
  readonly #upstream: ApiAddress;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #watches: Set<ServerResponse> = new Set();
  readonly #open: Set<ServerResponse> = new Set();
  /** Path and query to the body of the last answer to that list. */
  readonly #lists: Map<string, Buffer> = new Map();

  constructor(upstream: ApiAddress) {
    this.#upstream = upstream;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(upstream.caFile) });
    this.#server = createServer((incoming, response) => {
      this.#take(incoming, response);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Ends all watches in the middle. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.destroy();
  }

  /** Makes no more trouble: what hangs is cut off. */
  heal(): void {
    this.fault = () => undefined;
    for (const response of this.#open) response.destroy();
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/' } = incoming;
    const asked = { method, path: url, isWatch: /[?&]watch=/.test(url) };
    const fault = this.fault(asked);
    if (fault === undefined) this.#pass(asked, incoming, response);
    else {
      if (fault.kind !== 'stale') this.#count(fault.kind);
      this.#trouble(fault, asked, incoming, response);
    }
  }

  #trouble(
    fault: ApiFault,
    asked: ProxiedRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (fault.kind === 'slow')
      setTimeout(() => {
        this.#pass(asked, incoming, response);
      }, fault.ms);
    else if (fault.kind === 'lost') this.#pass(asked, incoming, response, true);
    else {
      incoming.resume();
      if (fault.kind === 'status') refuse(response, fault);
      else if (fault.kind === 'hang') this.#hold(response);
      else this.#answerOld(asked, response);
    }
  }

  #hold(response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
  }

  #answerOld({ path, isWatch }: ProxiedRequest, response: ServerResponse): void {
    const old = this.#lists.get(path);
    if (isWatch) {
      response.writeHead(200, JSON_TYPE).flushHeaders();
      this.#hold(response);
    } else if (old === undefined) refuse(response, { code: 503 });
    else {
      this.#count('stale');
      response.writeHead(200, JSON_TYPE).end(old);
    }
  }

  #count(kind: ApiFault['kind']): void {
    this.met.set(kind, (this.met.get(kind) ?? 0) + 1);
  }

  #pass(asked: ProxiedRequest, incoming: IncomingMessage, response: ServerResponse, loses = false): void {
    const { method, path, isWatch } = asked;
    const { hostname, port } = new URL(this.#upstream.url);
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const outgoing = request({ agent: this.#agent, hostname, port, method, path, headers }, (answer) => {
      if (loses) {
        answer.resume();
        response.destroy();
        return;
      }
      if (isWatch) {
        this.#watches.add(response);
        response.once('close', () => this.#watches.delete(response));
      } else if (method === 'GET' && path.includes('?limit=')) this.#remember(path, answer);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    outgoing.once('error', () => response.destroy());
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  #remember(path: string, answer: IncomingMessage): void {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.once('end', () => {
      if (answer.statusCode === 200) this.#lists.set(path, Buffer.concat(chunks));
    });
  }
}

function refuse(response: ServerResponse, { code, retryAfter }: { code: number; retryAfter?: number }): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: code === 429 ? 'TooManyRequests' : 'InternalError',
    message: 'made by a test',
    code,
  };
  const headers = {
    ...JSON_TYPE,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
  response.writeHead(code, headers).end(JSON.stringify(status));
}
