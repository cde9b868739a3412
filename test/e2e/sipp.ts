import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPort, type SocketAddress } from '../../src/local/phone-address.ts';
import { renderScenario } from './sipp-scenario.ts';
import type { Step } from './sipp-steps.ts';
import type { Side } from './sipp-message.ts';

/** Whether sipp can be run. A machine of CI without it is broken, any other skips with a notice. */
export function sippThere(): boolean {
  const found = spawnSync('sipp', ['-v']).error === undefined;
  if (found) return true;
  if (process.env['CI'] === 'true') throw new Error('sipp is missing; install the package sip-tester');
  process.stderr.write('SKIPPED: sipp is missing (Debian package sip-tester)\n');
  return false;
}

/** One sipp process to run. */
export interface SippOptions {
  side: Side;
  /** Steps of ours, or sipp's own `uac` or `uas`. */
  steps: readonly Step[] | 'uac' | 'uas';
  local: SocketAddress;
  /** Where it sends; a callee only answers. */
  remote?: SocketAddress;
  transport?: 'UDP' | 'TCP';
  calls: number;
  /** New calls per second, and how many at once. */
  rate?: number;
  limit?: number;
  /** How long a call of sipp's own scenario lasts, in ms. */
  lengthMs?: number;
  timeoutS?: number;
}

/** What a sipp process counted. */
export interface SippResult {
  exitCode: number;
  successful: number;
  failed: number;
  retransmissions: number;
  unexpected: number;
  /** What it wrote about errors. */
  errors: string;
}

const DEFAULT_TIMEOUT_S = 30;

/** A sipp process that runs until all its calls are done. */
export class Sipp {
  readonly result: Promise<SippResult>;
  readonly #child: ChildProcess;

  constructor(options: SippOptions) {
    const dir = mkdtempSync(join(tmpdir(), 'rehome-sipp-'));
    this.#child = spawn('sipp', arguments_(options, dir), { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      complaint += bytes.toString('latin1');
    });
    this.result = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        const counted = readCounts(dir);
        const errors = complaint + textOf(join(dir, 'errors.log'));
        rmSync(dir, { recursive: true, force: true });
        resolve({ exitCode: code ?? -1, ...counted, errors });
      });
    });
  }

  /** Ends it at once. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

function arguments_(options: SippOptions, dir: string): string[] {
  const { local, remote, calls, rate = 10, limit = calls, timeoutS = DEFAULT_TIMEOUT_S } = options;
  const tcp = options.transport === 'TCP';
  return [
    ...(remote === undefined ? [] : [hostPort(remote)]),
    ...scenarioArguments(options, dir),
    ...['-i', local.address.includes(':') ? `[${local.address}]` : local.address, '-p', String(local.port)],
    ...['-m', String(calls), '-r', String(rate), '-l', String(limit), '-s', 'callee'],
    ...['-t', tcp ? 't1' : 'u1', '-timeout', `${String(timeoutS)}s`, '-timeout_error', '-nostdin'],
    ...['-trace_stat', '-stf', join(dir, 'counts.csv'), '-fd', '1'],
    ...['-trace_err', '-error_file', join(dir, 'errors.log')],
    ...(options.lengthMs === undefined ? [] : ['-d', String(options.lengthMs)]),
  ];
}

function scenarioArguments(options: SippOptions, dir: string): string[] {
  if (typeof options.steps === 'string') return ['-sn', options.steps];
  const file = join(dir, 'scenario.xml');
  writeFileSync(file, renderScenario(options.side, options.steps));
  return ['-sf', file];
}

type Counts = Omit<SippResult, 'exitCode' | 'errors'>;

function readCounts(dir: string): Counts {
  const rows = textOf(join(dir, 'counts.csv')).trim().split('\n');
  const names = rows[0]?.split(';') ?? [];
  const values = rows.at(-1)?.split(';') ?? [];
  const count = (name: string): number => Number(values[names.indexOf(name)] ?? 0);
  return {
    successful: count('SuccessfulCall(C)'),
    failed: count('FailedCall(C)'),
    retransmissions: count('Retransmissions(C)'),
    unexpected: count('FailedUnexpectedMessage(C)'),
  };
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}
