import { Agent, request, type RequestOptions } from 'node:https';
import type { HostPort } from '../../api/address.ts';
import type { ControlProblem, ControlReport, ControlState } from '../../api/control.ts';
import { clientSettings } from '../../mesh/tls-settings.ts';
import type { KeyRing } from '../../mesh/key-ring.ts';

/** One poll and one order at the same time. */
const MAX_SOCKETS = 2;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const ANSWER_LIMIT_MS = 3_000;

/** A pod's refusal; `problem.code` is stable. */
export class ControlRefusal extends Error {
  readonly status: number;
  readonly problem: ControlProblem;

  constructor(status: number, problem: ControlProblem) {
    super(`${problem.code}: ${problem.message}`);
    this.name = 'ControlRefusal';
    this.status = status;
    this.problem = problem;
  }
}

/** The control API of one pod, over HTTPS under the pre-shared keys of the mesh (TLS 1.2). */
export class ControlClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #base: RequestOptions;

  constructor(address: HostPort, keys: KeyRing) {
    this.#base = {
      ...clientSettings(keys),
      agent: this.#agent,
      host: address.address,
      port: address.port,
    };
  }

  /** What the pod says of itself: at once if its version is not `since`, else when it changes or after `waitSeconds`. */
  async report(since: string, waitSeconds: number): Promise<ControlReport> {
    const query = new URLSearchParams({ since, wait: String(waitSeconds) });
    const path = `/v1/report?${query.toString()}`;
    const heldMs = since === '' ? 0 : waitSeconds * 1000;
    return this.#exchange({ path, method: 'GET' }, undefined, heldMs + ANSWER_LIMIT_MS);
  }

  /** Tells the pod what it should be; rejects with ControlRefusal if it will not. */
  async putState(state: ControlState): Promise<ControlReport> {
    return this.#exchange({ path: '/v1/state', method: 'PUT' }, JSON.stringify(state), ANSWER_LIMIT_MS);
  }

  /** Ends all exchanges under way; they reject. */
  close(): void {
    this.#agent.destroy();
  }

  async #exchange(
    options: RequestOptions,
    body: string | undefined,
    limitMs: number,
  ): Promise<ControlReport> {
    const { status, text } = await this.#send(options, body, limitMs);
    const answer: unknown = JSON.parse(text);
    if (status === 200) return answer as ControlReport;
    throw new ControlRefusal(status, answer as ControlProblem);
  }

  #send(
    options: RequestOptions,
    body: string | undefined,
    limitMs: number,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(limitMs);
      const headers =
        body === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const sent = request({ ...this.#base, ...options, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
        response.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }
}
