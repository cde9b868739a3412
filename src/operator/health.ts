import { createServer, type Server, type ServerResponse } from 'node:http';
import type { HostPort } from '../api/address.ts';
import { endServer, listenAt } from '../runtime/listen.ts';

const REQUEST_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 64;
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** Content type of Prometheus' text format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the pages show. */
export interface HealthView {
  /** '' when the caches have everything, so that this operator could lead. */
  unreadyReason(): string;
  metrics(): Promise<string>;
}

/** The HTTP side of an operator: /healthz, /readyz, /metrics. */
export class HealthServer {
  readonly #server: Server;

  constructor(view: HealthView) {
    this.#server = createServer(
      { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS },
      ({ url = '' }, response) => {
        void answer(url.split('?')[0] ?? '', view, response);
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens. Rejects if the address is taken. */
  async start(bind: HostPort): Promise<void> {
    await listenAt(this.#server, bind);
  }

  async stop(): Promise<void> {
    await endServer(this.#server);
  }
}

async function answer(path: string, view: HealthView, response: ServerResponse): Promise<void> {
  const reason = view.unreadyReason();
  if (path === '/healthz') send(response, 200, 'ok\n');
  else if (path === '/readyz')
    send(response, reason === '' ? 200 : 503, `${reason === '' ? 'ok' : reason}\n`);
  else if (path === '/metrics') send(response, 200, await view.metrics(), METRICS_TYPE);
  else send(response, 404, 'no such page; there are /healthz /readyz /metrics\n');
}

function send(response: ServerResponse, status: number, body: string, type = TEXT_TYPE): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
