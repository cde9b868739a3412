import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { errorOfAnswer, unreachable } from './kube-error.ts';

/** How long the answer to a request may take. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long a watch may take to begin; a server that never answers is left. */
const STREAM_START_TIMEOUT_MS = 10_000;
/** Requests at a time; watches come on top. */
const MAX_CONNECTIONS = 32;
/** Bound tokens are renewed in their file by the kubelet well before they end. */
const TOKEN_REREAD_MS = 60_000;

/** Where the API server is, and as whom it is asked. */
export interface TransportConfig {
  /** URL without a path, http or https. */
  server: string;
  token?: string;
  /** Read again each minute. */
  tokenFile?: string;
  /** PEM of the authorities that the server's certificate may be from; the system's if left out. */
  caFile?: string;
}

/** A request to the API server. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  contentType?: string;
}

/** HTTP to one API server over connections that are kept. */
export class HttpTransport {
  private readonly server: URL;
  private readonly config: TransportConfig;
  private readonly agent: http.Agent;
  /** Watches hold their connections for minutes: they must not use up the others'. */
  private readonly streamAgent: http.Agent;
  private readonly send: typeof http.request;
  private token: string | undefined;
  private tokenReadMs = -Infinity;

  constructor(config: TransportConfig) {
    this.config = config;
    this.server = new URL(config.server);
    const secure = this.server.protocol === 'https:';
    const trust = secure && config.caFile !== undefined ? { ca: readFileSync(config.caFile) } : {};
    const { Agent } = secure ? https : http;
    this.agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, ...trust });
    this.streamAgent = new Agent({ keepAlive: true, ...trust });
    this.send = secure ? https.request : http.request;
  }

  /** The body of the answer; rejects with `KubeError` for an error code, or `Unreachable` without an answer. */
  async ask(request: ApiRequest): Promise<string> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    try {
      const response = await this.begin(request, this.agent, signal);
      return await textOf(response);
    } catch (error) {
      throw unreachable(signal.aborted ? new Error(`no answer in ${String(ANSWER_TIMEOUT_MS)} ms`) : error);
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
      const response = await this.begin({ method: 'GET', path }, this.streamAgent, either);
      if (response.statusCode !== 200) await textOf(response);
      return response;
    } catch (error) {
      throw unreachable(start.signal.aborted ? start.signal.reason : error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the connections that are idle. */
  close(): void {
    this.agent.destroy();
    this.streamAgent.destroy();
  }

  private begin(request: ApiRequest, agent: http.Agent, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { method, path, body, contentType = 'application/json' } = request;
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const token = this.currentToken();
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { 'content-type': contentType, 'content-length': payload.length }),
    };
    return new Promise((resolve, reject) => {
      const target = new URL(path, this.server);
      const sent = this.send(target, { method, agent, headers, signal }, resolve);
      sent.once('error', reject);
      sent.end(payload);
    });
  }

  private currentToken(): string | undefined {
    const { token, tokenFile } = this.config;
    if (tokenFile === undefined) return token;
    if (performance.now() - this.tokenReadMs > TOKEN_REREAD_MS) {
      this.token = readFileSync(tokenFile, 'utf8').trim();
      this.tokenReadMs = performance.now();
    }
    return this.token;
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const code = response.statusCode ?? 0;
  if (code < 200 || code > 299) throw errorOfAnswer(code, text);
  return text;
}
