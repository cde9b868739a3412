import { readFileSync } from 'node:fs';

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;
const UTIME_FIELD = 13;
const STIME_FIELD = 14;

/** CPU time that a process has used, user and system, in ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  // The command name may hold spaces; fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME_FIELD - 2]) + Number(fields[STIME_FIELD - 2]);
  return ticks * MS_PER_TICK;
}

/** Resident memory of a process, in bytes. */
export function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'));
  return Number(line?.[1] ?? Number.NaN) * 1024;
}
