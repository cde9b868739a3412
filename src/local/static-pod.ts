import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PodStatus } from '../api/pod-report.ts';
import { hostPort } from './phone-address.ts';
import type { PodPlace } from './static-config.ts';

const REHOME = fileURLToPath(new URL('../../bin/rehome', import.meta.url));
const HTTP_TIMEOUT_MS = 1000;
const LOG_TAIL_LINES = 20;

/** One `rehome proxy` process on this machine. */
export class StaticPod {
  readonly place: PodPlace;
  readonly files: { readonly config: string; readonly log: string };
  readonly #nodeOptions: string;
  #child: ChildProcess | undefined;
  #exited: Promise<number | undefined> = Promise.resolve(undefined);

  constructor(place: PodPlace, files: StaticPod['files'], nodeOptions = '') {
    this.place = place;
    this.files = files;
    this.#nodeOptions = nodeOptions;
  }

  get name(): string {
    return this.place.pod;
  }

  get url(): string {
    return `http://${hostPort(this.place.http)}`;
  }

  /** Process id; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Starts the process; its output goes to the end of the log file. */
  start(): void {
    const log = openSync(this.files.log, 'a');
    const child = spawn(REHOME, ['proxy', '--config', this.files.config], {
      stdio: ['ignore', log, log],
      // Options of the parent's own Node are not for the pod.
      env: { ...process.env, NODE_OPTIONS: this.#nodeOptions },
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const gone = (code?: number): void => {
        if (this.#child === child) this.#child = undefined;
        resolve(code);
      };
      child.once('exit', (code) => {
        gone(code ?? undefined);
      });
      child.once('error', () => {
        gone();
      });
    });
  }

  /** Sends a signal to the process, if there is one. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends the process at once and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited;
  }

  /** Waits for the process to end by itself; its exit code, undefined if a signal ended it. */
  async ended(): Promise<number | undefined> {
    return this.#exited;
  }

  /** Whether the pod says that it is ready. */
  async ready(): Promise<boolean> {
    const response = await this.#fetch('/readyz');
    return response?.ok ?? false;
  }

  /** What the pod says of itself; undefined if it does not answer. */
  async status(): Promise<PodStatus | undefined> {
    const response = await this.#fetch('/debug/status');
    return response?.ok === true ? ((await response.json()) as PodStatus) : undefined;
  }

  /** The last lines of its log. */
  logTail(): string {
    return readFileSync(this.files.log, 'utf8').split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  async #fetch(path: string): Promise<Response | undefined> {
    try {
      return await fetch(this.url + path, { signal: AbortSignal.timeout(HTTP_TIMEOUT_MS) });
    } catch {
      return undefined;
    }
  }
}
