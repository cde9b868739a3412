import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { Agents, type AgentPair } from './agents.ts';
import type { KubeError } from './api.ts';
import type { ApiAccess } from './credentials/access.ts';
import { credentialSource } from './credentials/credential-source.ts';
import type { CredentialSource } from './credentials/credentials.ts';
import { errorOfAnswer, retryAfterMs, unreachable } from './kube-error.ts';

/** How long the answer to a request may take, all tries together. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long a watch may take to begin; a server that never answers is left. */
const STREAM_START_TIMEOUT_MS = 10_000;
/** How long a connection may take to stand, TLS included. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A server that asks for a longer pause is not waited for: who asked decides. */
const LONGEST_PAUSE_MS = 5_000;
const MOST_TRIES = 4;
const HTTP_UNAUTHORIZED = 401;
/** Who asks, in the audit log of the server and as manager of fields that are patched. */
const USER_AGENT = 'rehome';
/** Pauses are stretched by up to so much of themselves, so that those who were sent away do not come back together. */
const JITTER = 0.5;

/** Whom to ask, and what else the transport needs. */
export interface TransportConfig extends ApiAccess {
  /** [0, 1). */
  random: () => number;
  /** `ANSWER_TIMEOUT_MS` if left out. */
  answerTimeoutMs?: number;
  /** `CONNECT_TIMEOUT_MS` if left out. */
  connectTimeoutMs?: number;
}

/** A request to the API server. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  contentType?: string;
  /** A 429 is the answer, and no word of a server that has too much to do. */
  isRefusable?: boolean;
}

/** HTTP to one API server over connections that are kept. */
export class HttpTransport {
  readonly #server: URL;
  readonly #random: () => number;
  readonly #answerTimeoutMs: number;
  readonly #connectTimeoutMs: number;
  readonly #agents: Agents;
  readonly #credentials: CredentialSource;
  readonly #send: typeof http.request;

  constructor({ random, answerTimeoutMs, connectTimeoutMs, ...access }: TransportConfig) {
    this.#server = new URL(access.server);
    this.#random = random;
    this.#answerTimeoutMs = answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#connectTimeoutMs = connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.#agents = new Agents(access);
    this.#credentials = credentialSource(access, Date.now);
    this.#send = this.#server.protocol === 'https:' ? https.request : http.request;
  }

  /**
   * The body of the answer; rejects with `KubeError` for an error code, or `Unreachable` without an answer. A server that
   * has too much to do and says when to come back is asked again; credentials that it does not take are read again.
   */
  async ask(request: ApiRequest): Promise<string> {
    // It takes whole numbers only.
    const signal = AbortSignal.timeout(Math.ceil(this.#answerTimeoutMs));
    for (let tries = 1; ; tries++) {
      const answer = await this.#try(request, signal);
      if (typeof answer === 'string') return answer;
      const pauseMs = this.#pauseMs(request, answer, tries);
      if (pauseMs === undefined) throw answer;
      await sleep(pauseMs);
      if (signal.aborted) throw answer;
    }
  }

  /** An answer that goes on; rejects as `ask` does. `signal` ends it. */
  async stream(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const start = new AbortController();
    const timer = setTimeout(() => {
      start.abort(new Error(`no answer in ${String(STREAM_START_TIMEOUT_MS)} ms`));
    }, STREAM_START_TIMEOUT_MS);
    try {
      const either = AbortSignal.any([signal, start.signal]);
      const response = await this.#begin({ method: 'GET', path }, 'watches', either);
      if (response.statusCode !== 200) await textOf(response);
      return response;
    } catch (error) {
      throw unreachable(start.signal.aborted ? start.signal.reason : error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all connections: what is under way fails. */
  close(): void {
    this.#agents.close();
  }

  async #try(request: ApiRequest, signal: AbortSignal): Promise<string | KubeError> {
    try {
      return await textOf(await this.#begin(request, 'requests', signal));
    } catch (error) {
      return unreachable(
        signal.aborted ? new Error(`no answer in ${String(this.#answerTimeoutMs)} ms`) : error,
      );
    }
  }

  /** How long to wait before the request is sent again; undefined if it is not. */
  #pauseMs({ isRefusable = false }: ApiRequest, error: KubeError, tries: number): number | undefined {
    if (error.reason === 'Unauthorized') return tries === 1 && this.#credentials.canChange ? 0 : undefined;
    const { retryAfterMs: pauseMs } = error;
    if (pauseMs === undefined || isRefusable || tries >= MOST_TRIES || pauseMs > LONGEST_PAUSE_MS)
      return undefined;
    return pauseMs * (1 + this.#random() * JITTER);
  }

  async #begin(
    request: ApiRequest,
    kind: keyof AgentPair,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const { method, path, body, contentType = 'application/json' } = request;
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const credentials = await this.#credentials.current();
    const { token } = credentials;
    const headers = {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { 'content-type': contentType, 'content-length': payload.length }),
    };
    const agent = this.#agents.for(credentials)[kind];
    const url = new URL(this.#server.pathname.replace(/\/$/, '') + path, this.#server);
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = this.#send(url, { method, agent, headers, signal }, resolve);
      sent.once('error', reject);
      sent.once('socket', (socket) => {
        limitConnecting(socket, this.#connectTimeoutMs);
      });
      sent.end(payload);
    });
    if (response.statusCode === HTTP_UNAUTHORIZED) this.#credentials.refused(credentials);
    return response;
  }
}

/** Destroys a socket that does not get to its server in time. */
function limitConnecting(socket: Socket, limitMs: number): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no connection in ${String(limitMs)} ms`));
  }, limitMs);
  const stop = (): void => {
    clearTimeout(timer);
  };
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop).once('close', stop);
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const code = response.statusCode ?? 0;
  if (code >= 200 && code <= 299) return text;
  throw errorOfAnswer(code, text, retryAfterMs(response.headers['retry-after']));
}
