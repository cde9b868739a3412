import { mustRun } from './run-command.ts';
import { readSettings } from './settings.ts';

const LOAD_MS = 300_000;

/** Loads the archives of the settings into the cluster, once for all files of tests. */
export default async function loadImages(): Promise<void> {
  const { archives, load } = readSettings();
  for (const archive of archives)
    await mustRun('bash', ['-c', load.replaceAll('{}', archive)], { timeoutMs: LOAD_MS });
}
