import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostPort } from '../api/address.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ProxyMetrics } from './metrics.ts';
import type { PodView } from './pod-view.ts';

const DEFAULT_LIMIT = 100;
const LEVELS = ['error', 'warn', 'info', 'debug'];

/** What the admin server shows and changes. */
export interface AdminParts {
  view: PodView;
  metrics: ProxyMetrics;
  log: Logger;
  /** Brings gauges up to date before they are read. */
  refresh(): void;
}

/** Health, metrics and debug over HTTP. */
export class AdminServer {
  private readonly parts: AdminParts;
  private readonly server: Server;

  constructor(parts: AdminParts) {
    this.parts = parts;
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        reply(response, 500, { error: String(error) });
      });
    });
  }

  start({ address, port }: HostPort): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, address, resolve);
    });
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://pod');
    const { view } = this.parts;
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'GET /livez':
        reply(response, 200, { ok: true });
        return;
      case 'GET /readyz': {
        const readiness = view.readiness();
        reply(response, readiness.ready ? 200 : 503, readiness);
        return;
      }
      case 'GET /metrics':
        await this.metrics(response);
        return;
      case 'GET /debug/status':
        reply(response, 200, view.status());
        return;
      case 'GET /debug/dialogs': {
        const limit = Number(url.searchParams.get('limit') ?? DEFAULT_LIMIT);
        reply(response, 200, view.dialogs(Number.isNaN(limit) ? DEFAULT_LIMIT : limit, url.searchParams.get('filter') ?? ''));
        return;
      }
      case 'PUT /log/level':
        this.setLevel(url.searchParams.get('level') ?? '', response);
        return;
      default:
        reply(response, 404, { error: 'not found' });
    }
  }

  private async metrics(response: ServerResponse): Promise<void> {
    this.parts.refresh();
    const text = await this.parts.metrics.registry.metrics();
    response.writeHead(200, { 'content-type': this.parts.metrics.registry.contentType });
    response.end(text);
  }

  private setLevel(level: string, response: ServerResponse): void {
    if (!LEVELS.includes(level)) {
      reply(response, 400, { error: `level must be one of ${LEVELS.join(', ')}` });
      return;
    }
    this.parts.log.level = level;
    reply(response, 200, { level });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
