import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { failureText } from '../../runtime/failure-text.ts';
import { endServer, listenAt } from '../../runtime/listen.ts';
import type { SocketAddress } from '../phone-address.ts';
import { readRunRequest } from './run-request.ts';
import type { RunContacts, RunLedger, RunRequest } from './run-type.ts';

/** What the pages do. */
export interface PhonesActions {
  /** Rejects if there is a run of that name. */
  start(request: RunRequest): Promise<RunLedger>;
  /** Undefined if there is no such run; so in all that follow. */
  ledger(run: string): RunLedger | undefined;
  contacts(run: string): RunContacts | undefined;
  stop(run: string): RunLedger | undefined;
  hangUp(run: string): Promise<RunLedger> | undefined;
  /** Ends and forgets it. */
  remove(run: string): Promise<void> | undefined;
  ledgers(): RunLedger[];
  /** First lines of what reached the callees and belonged to no call. */
  strays(): readonly string[];
}

/** An answer: its status and what becomes its JSON. */
interface Answer {
  status: number;
  body: unknown;
}

const MAX_BODY_BYTES = 64 * 1024;
const HEADERS_WITHIN_MS = 10_000;
/** Longer than an API server, by whose proxy requests come, keeps an idle connection: who closes first may reset a request that is on its way. */
const KEEP_ALIVE_MS = 120_000;
const PATH = /^\/runs\/(?<run>[^/]+)(?<act>\/contacts|\/stop|\/hang-up)?$/;

/** The HTTP side of the phones: starts and ends runs, and shows their ledgers, all as JSON. */
export class PhonesServer {
  readonly #server: Server;

  constructor(actions: PhonesActions) {
    // The answer to a hang-up comes when everything is hung up.
    const limits = { headersTimeout: HEADERS_WITHIN_MS, keepAliveTimeout: KEEP_ALIVE_MS };
    this.#server = createServer(limits, (request, response) => {
      answerTo(request, actions)
        .catch((error: unknown): Answer => ({ status: 400, body: { error: failureText(error) } }))
        .then((answer) => {
          send(response, answer);
        }, Boolean);
    });
  }

  /** Listens. Rejects if the address is taken. */
  async start(bind: SocketAddress): Promise<void> {
    await listenAt(this.#server, bind);
  }

  async stop(): Promise<void> {
    await endServer(this.#server);
  }
}

async function answerTo(request: IncomingMessage, actions: PhonesActions): Promise<Answer> {
  const { method = 'GET', url = '' } = request;
  const path = url.split('?')[0] ?? '';
  switch (`${method} ${path}`) {
    case 'GET /healthz':
      return ok({ status: 'ok' });
    case 'GET /ledger':
      return ok({ runs: actions.ledgers(), strays: actions.strays() });
    case 'POST /runs':
      return ok(await actions.start(readRunRequest(await bodyOf(request))));
    default:
      return aboutRun(method, path, actions);
  }
}

async function aboutRun(method: string, path: string, actions: PhonesActions): Promise<Answer> {
  const { run = '', act = '' } = PATH.exec(path)?.groups ?? {};
  const result = await actOn({ method, act, run }, actions);
  if (result !== undefined) return ok(result);
  return { status: 404, body: { error: `${method} ${path}: there is no such page or run` } };
}

async function actOn(
  { method, act, run }: { method: string; act: string; run: string },
  actions: PhonesActions,
): Promise<unknown> {
  switch (`${method} ${act}`) {
    case 'GET ':
      return actions.ledger(run);
    case 'GET /contacts':
      return actions.contacts(run);
    case 'POST /stop':
      return actions.stop(run);
    case 'POST /hang-up':
      return actions.hangUp(run);
    case 'DELETE ': {
      const ended = actions.remove(run);
      return ended?.then(() => ({ removed: run }));
    }
    default:
      return undefined;
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too long');
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
