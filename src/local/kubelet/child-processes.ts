import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { OrphanGuard } from './orphan-guard.ts';
import type { ProcessEnd, ProcessRunner, ProcessStart, RunningProcess } from './process-runner.ts';

const REHOME = fileURLToPath(new URL('../../../bin/rehome', import.meta.url));
const SIGNAL_EXIT = 128;
const CANNOT_START = 127;

/** Runs `bin/rehome` of this installation, each process in a session of its own: a Ctrl-C is for the kubelet alone. */
export class ChildProcesses implements ProcessRunner {
  readonly #guard: OrphanGuard;

  constructor(guard: OrphanGuard) {
    this.#guard = guard;
  }

  start({ argv, env, folder, logFile }: ProcessStart, onEnd: (end: ProcessEnd) => void): RunningProcess {
    mkdirSync(folder, { recursive: true });
    const log = openSync(logFile, 'a');
    const { PATH = '' } = process.env;
    const child = spawn(REHOME, argv, {
      stdio: ['ignore', log, log],
      // What this process was started with is not for pods.
      env: { PATH, HOME: folder, ...env },
      cwd: folder,
      detached: true,
    });
    closeSync(log);
    child.once('exit', (code, signal) => {
      const number = signal === null ? undefined : constants.signals[signal];
      onEnd(
        number === undefined
          ? { exitCode: code ?? CANNOT_START }
          : { exitCode: SIGNAL_EXIT + number, signal: number },
      );
    });
    child.once('error', () => {
      if (child.pid === undefined) onEnd({ exitCode: CANNOT_START });
    });
    if (child.pid !== undefined) this.#guard.add(child.pid);
    return { pid: child.pid ?? 0, signal: (name) => child.kill(name) };
  }
}
