import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted behind the name, which may hold spaces. */
const START_TIME_FIELD = 19;

/**
 * Waits for the end of its input, which is the end of whoever holds the other end of the pipe, and then kills every process of
 * the list, "pid start-time" a line, that is still the process that was written down.
 */
const GUARD = `cat >/dev/null
while read -r pid start; do
  line=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
  set -- \${line##*) }
  shift ${START_TIME_FIELD}
  [ "$1" = "$start" ] && kill -9 "$pid"
done < "$0"`;

/**
 * Sees to it that processes do not outlive this one, however it ends: even by kill -9. The guard is a shell in a session of
 * its own; should it be killed too, `killOrphans` at the next start does its work.
 */
export class OrphanGuard {
  readonly #list: string;
  #started = false;

  /** `list` is the file that names the processes. */
  constructor(list: string) {
    this.#list = list;
  }

  /** Takes a process that was started into the list. */
  add(pid: number): void {
    const start = startTimeOf(pid);
    if (start === undefined) return;
    appendFileSync(this.#list, `${pid} ${start}\n`);
    this.#start();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const guard = spawn('/bin/sh', ['-c', GUARD, this.#list], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // The list is worked off at the next start if there is no guard.
    guard.on('error', () => undefined);
    guard.stdin.on('error', () => undefined);
    guard.unref();
  }
}

/** Kills the processes of a list that an earlier run left behind. */
export function killOrphans(list: string): void {
  if (existsSync(list)) spawnSync('/bin/sh', ['-c', GUARD, list], { input: '' });
}

/** When a process started, as the kernel counts; undefined if there is none. A process id alone may be another's by now. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(') ') + 2).split(' ')[START_TIME_FIELD];
  } catch {
    return undefined;
  }
}
