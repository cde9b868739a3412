import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buildEtcd } from './build-etcd.ts';
import { buildKubernetes } from './build-kubernetes.ts';
import { unpackHelm } from './unpack-helm.ts';

/** Where what is built is kept from run to run. */
function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rehome', 'kubernetes');
}

/** Who can make a program that is nowhere, and puts it into a folder. */
const MAKERS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  etcd: buildEtcd,
  'kube-apiserver': buildKubernetes,
  kubectl: buildKubernetes,
  helm: unpackHelm,
};

/**
 * PATH with all programs that the suite runs: those of REHOME_KUBE_BIN (folders, as in PATH), then those of PATH, and what is
 * in neither is made once, which takes minutes, and kept. Throws Error with what is missing for it.
 */
export async function pathWithPrograms(): Promise<string> {
  const cache = cacheFolder();
  const named = [process.env['REHOME_KUBE_BIN'], process.env['PATH'], cache].filter((each) => each);
  const path = named.join(delimiter);
  for (const [program, make] of Object.entries(MAKERS)) {
    if (isOn(path, program)) continue;
    mkdirSync(cache, { recursive: true });
    process.stderr.write(`${program} is not on PATH: it is made, once, in ${cache}\n`);
    await make(cache);
  }
  return path;
}

function isOn(path: string, program: string): boolean {
  return path.split(delimiter).some((folder) => canRun(join(folder, program)));
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
