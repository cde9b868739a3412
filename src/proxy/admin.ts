import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DialogsReport, PodStatus } from '../api/pod-report.ts';
import type { Logger } from '../runtime/logger.ts';
import { readDialogFilter, type DialogFilter } from './admin-dialogs.ts';
import { endServer, listenAt } from '../runtime/listen.ts';

const LOG_LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug'];
const MAX_BODY_BYTES = 1024;
const MAX_CONNECTIONS = 256;
const REQUEST_LIMIT_MS = 10_000;
const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** Content type of Prometheus' text format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What health, metrics and debug pages show. */
export interface PodView {
  /** '' when the pod is ready. */
  unreadyReason(): string;
  status(): PodStatus;
  dialogs(filter: DialogFilter): DialogsReport;
  metrics(): Promise<string>;
  /** One of error, warn, info, debug. */
  logLevel: string;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface Page {
  readonly method: 'GET' | 'PUT';
  answer(query: URLSearchParams, body: string): Answer | Promise<Answer>;
}

/** The HTTP side of a pod: /livez, /readyz, /metrics, /debug/status, /debug/dialogs, /log/level. */
export class Admin {
  readonly #server: Server;
  readonly #pages: ReadonlyMap<string, Page>;
  readonly #log: Logger;

  constructor(view: PodView, log: Logger) {
    this.#log = log;
    this.#pages = pagesOf(view);
    this.#server = createServer(
      { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS },
      (request, response) => {
        this.#serve(request, response).catch((error: unknown) => {
          this.#log.error('a page could not be made', {
            code: 'ADMIN_PAGE',
            url: request.url,
            error: String(error),
          });
          if (!response.headersSent) send(response, text(500, 'internal error'), false);
        });
      },
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens. Rejects if the address is taken. */
  async start(bind: { readonly address: string; readonly port: number }): Promise<void> {
    await listenAt(this.#server, bind);
  }

  async stop(): Promise<void> {
    await endServer(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '', 'http://pod');
    const page = this.#pages.get(url?.pathname ?? '');
    const isHead = request.method === 'HEAD';
    if (page === undefined || url === null) {
      send(response, text(404, `no such page; there are ${[...this.#pages.keys()].join(' ')}`), isHead);
    } else if (request.method !== page.method && !(isHead && page.method === 'GET')) {
      response.setHeader('Allow', page.method === 'GET' ? 'GET, HEAD' : page.method);
      send(response, text(405, `${page.method} only`), isHead);
    } else {
      const body = await bodyOf(request);
      send(
        response,
        body === undefined ? text(413, 'too long') : await page.answer(url.searchParams, body),
        isHead,
      );
    }
  }
}

function pagesOf(view: PodView): ReadonlyMap<string, Page> {
  return new Map<string, Page>([
    ['/livez', { method: 'GET', answer: () => text(200, 'ok') }],
    ['/readyz', { method: 'GET', answer: () => readiness(view) }],
    [
      '/metrics',
      {
        method: 'GET',
        answer: async () => ({ status: 200, type: METRICS_TYPE, body: await view.metrics() }),
      },
    ],
    ['/debug/status', { method: 'GET', answer: () => json(200, view.status()) }],
    ['/debug/dialogs', { method: 'GET', answer: (query) => dialogs(view, query) }],
    ['/log/level', { method: 'PUT', answer: (_query, body) => setLevel(view, body) }],
  ]);
}

function readiness(view: PodView): Answer {
  const reason = view.unreadyReason();
  return json(reason === '' ? 200 : 503, { ready: reason === '', reason });
}

function dialogs(view: PodView, query: URLSearchParams): Answer {
  const filter = readDialogFilter(query);
  return typeof filter === 'string' ? text(400, filter) : json(200, view.dialogs(filter));
}

function setLevel(view: PodView, body: string): Answer {
  const level = body.trim();
  if (!LOG_LEVELS.includes(level)) return text(400, `the body is one of ${LOG_LEVELS.join(', ')}`);
  view.logLevel = level;
  return text(200, level);
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

function json(status: number, body: unknown): Answer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
}

function text(status: number, body: string): Answer {
  return { status, type: TEXT_TYPE, body: `${body}\n` };
}

function send(response: ServerResponse, { status, type, body }: Answer, isHead: boolean): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(isHead ? undefined : body);
}
