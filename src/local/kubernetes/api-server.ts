import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeError } from '../../kube/api.ts';
import { statusOf } from './api-status.ts';
import { carryOut, parsedBody } from './api-verbs.ts';
import { answerWatch } from './api-watch.ts';
import { discoveryDocument } from './discovery.ts';
import type { MemoryKubernetes } from './memory-api.ts';
import { resourceTarget } from './request-path.ts';
import { endServer } from '../../runtime/listen.ts';

/** Bytes of a request, as a real server bounds them. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Longer than a client leaves a connection idle between two requests of one task. */
const KEEP_ALIVE_MS = 65_000;
const BOOKMARK_MS = 30_000;

/** Answers a request that came with the token; whether it was one of its own. */
export type OwnPaths = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

/** How to serve. */
export interface ApiServerOptions {
  api: MemoryKubernetes;
  /** An address of the loopback network. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** Every request needs it as its bearer token, but those for health. */
  token: string;
  /** Paths beside the API's, asked first. */
  ownPaths?: OwnPaths;
}

/** The REST paths of Kubernetes over an API in memory, on one machine. */
export class ApiServer {
  private readonly options: ApiServerOptions;
  private readonly server: Server;
  private bookmarks: NodeJS.Timeout | undefined;

  constructor(options: ApiServerOptions) {
    this.options = options;
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void this.answer(request, response);
    });
  }

  /** Opens the port; its URL. */
  async listen(): Promise<string> {
    const { host, port, api } = this.options;
    if (!host.startsWith('127.')) throw new RangeError(`${host} is no address of the loopback network`);
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    this.bookmarks = setInterval(() => {
      api.bookmark();
    }, BOOKMARK_MS).unref();
    const { port: bound } = this.server.address() as AddressInfo;
    return `http://${host}:${String(bound)}`;
  }

  /** Ends all watches and connections. */
  async close(): Promise<void> {
    clearInterval(this.bookmarks);
    this.options.api.endWatches();
    await endServer(this.server);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://local');
      if (['/healthz', '/livez', '/readyz'].includes(url.pathname)) response.end('ok');
      else if (!this.isAllowed(request)) throw new KubeError(401, 'Unauthorized', 'Unauthorized');
      else if (this.options.ownPaths?.(request, response, url) !== true)
        await this.route(request, response, url);
    } catch (error) {
      const failure = error instanceof KubeError ? error : new KubeError(500, 'InternalError', String(error));
      answerJson(response, failure.code, statusOf(failure));
    }
  }

  // Digests are of one length, which the comparison needs.
  private isAllowed(request: IncomingMessage): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(
      digest(request.headers.authorization ?? ''),
      digest(`Bearer ${this.options.token}`),
    );
  }

  private async route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { method = 'GET' } = request;
    const query = url.searchParams;
    const document = method === 'GET' ? discoveryDocument(url.pathname) : undefined;
    const target = resourceTarget(url.pathname);
    if (document !== undefined) answerJson(response, 200, document);
    else if (target === undefined)
      throw new KubeError(404, 'NotFound', 'the server could not find the requested resource');
    else if (
      method === 'GET' &&
      target.name === undefined &&
      ['1', 'true'].includes(query.get('watch') ?? '')
    )
      await answerWatch(this.options.api, { target, query }, response);
    else {
      const contentType = request.headers['content-type'] ?? 'application/json';
      const body = parsedBody(contentType, await bodyOf(request));
      const answer = await carryOut(this.options.api, { method, target, query, contentType, body });
      answerJson(response, answer.code, answer.body);
    }
  }
}

function answerJson(response: ServerResponse, code: number, body: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': text.length }).end(text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new KubeError(413, 'BadRequest', 'the request is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
