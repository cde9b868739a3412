import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/local/until.ts';
import { ROOT } from '../repo/repository.ts';

const ENDS_WITHIN_MS = 30_000;

/** How an operator is started. */
export interface OperatorStart {
  /** The API server, or what stands before it. */
  url: string;
  tokenFile: string;
  /** Where its Lease lies. */
  namespace: string;
  /** The namespace that it looks after; '' for all. */
  watched: string;
  /** The address that it listens at. */
  address: string;
  logFile: string;
}

/** `rehome operator` as a process. */
export class OperatorProcess {
  readonly #child: ChildProcess;
  readonly #logFile: string;

  constructor({ url, tokenFile, namespace, watched, address, logFile }: OperatorStart) {
    this.#logFile = logFile;
    const log = openSync(logFile, 'a');
    const args = ['operator', '--api-server', url, '--token-file', tokenFile];
    this.#child = spawn(join(ROOT, 'bin/rehome'), args, {
      env: {
        ...process.env,
        ...{ NODE_OPTIONS: '', POD_NAMESPACE: namespace, POD_IP: address, REHOME_NAMESPACE: watched },
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it wrote so far. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await until(() => this.hasEnded, ENDS_WITHIN_MS, 'the operator to end');
  }
}
