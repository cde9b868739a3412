import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startTimeOf } from '../kubelet/orphan-guard.ts';

const OWNER_ONLY = { folder: 0o700, file: 0o600 };
const STATE_FILE = 'state.json';

/** Where a running `rehome local` is found. */
export interface LocalState {
  /** URL of its API server. */
  server: string;
  /** File with the bearer token for it. */
  tokenFile: string;
  pid: number;
  /** Start time of the process, since another may have its id by now. */
  startTime: string;
  /** N in 127.0.N.x, where pods listen. */
  network: number;
}

/** Paths below the folder of `rehome local`. */
export interface LocalPaths {
  folder: string;
  state: string;
  token: string;
  pods: string;
  /** Processes that were started. */
  processes: string;
}

/** The folder that all commands agree on: $REHOME_LOCAL_DIR, or one of this user's in the folder for temporary files. */
export function localPaths(env: NodeJS.ProcessEnv = process.env): LocalPaths {
  const { REHOME_LOCAL_DIR = '' } = env;
  const folder =
    REHOME_LOCAL_DIR === '' ? join(tmpdir(), `rehome-local-${userInfo().uid}`) : REHOME_LOCAL_DIR;
  return {
    folder,
    state: join(folder, STATE_FILE),
    token: join(folder, 'token'),
    pods: join(folder, 'pods'),
    processes: join(folder, 'processes'),
  };
}

/** The state of the `rehome local` that runs; undefined if none does. */
export function readLocalState({ state }: LocalPaths): LocalState | undefined {
  let found: LocalState;
  try {
    found = JSON.parse(readFileSync(state, 'utf8')) as LocalState;
  } catch {
    return undefined;
  }
  return startTimeOf(found.pid) === found.startTime ? found : undefined;
}

/** Makes the folder anew; what an earlier run left in it is removed. */
export function makeLocalFolder({ folder, pods, processes, state }: LocalPaths): void {
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY.folder });
  for (const path of [state, pods, processes]) rmSync(path, { recursive: true, force: true });
  mkdirSync(pods, { mode: OWNER_ONLY.folder });
}

/** Says where this process is found; the file is there as a whole or not at all. */
export function writeLocalState(paths: LocalPaths, state: Omit<LocalState, 'pid' | 'startTime'>): void {
  const whole: LocalState = { ...state, pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  const fresh = `${paths.state}.new`;
  writeFileSync(fresh, `${JSON.stringify(whole, undefined, 2)}\n`, { mode: OWNER_ONLY.file });
  renameSync(fresh, paths.state);
}

/** Removes the state file, so that nobody finds this process any more. */
export function removeLocalState({ state }: LocalPaths): void {
  rmSync(state, { force: true });
}

/** Writes the token so that this user alone can read it. */
export function writeToken({ token }: LocalPaths, value: string): void {
  writeFileSync(token, value, { mode: OWNER_ONLY.file });
}
