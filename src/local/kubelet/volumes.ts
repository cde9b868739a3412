import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_MAPS, SECRETS } from '../../kube/kinds.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { Container, Pod, Volume } from '../../kube/objects.ts';
import { rewriteMountPaths, type Mount } from './mount-paths.ts';

const FILE_MODE = 0o600;

/**
 * Writes the volumes of a pod below `folder` and says where each mount of the container is. Mount paths in the text of a
 * ConfigMap are turned into paths of this machine. An emptyDir that exists keeps what is in it.
 * Rejects with Error or KubeError if an object is missing or a volume is of another kind.
 */
export async function writeVolumes(
  api: KubeApi,
  pod: Pod,
  container: Container,
  folder: string,
): Promise<Mount[]> {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => ({
    mountPath,
    folder: join(folder, name),
  }));
  for (const volume of pod.spec.volumes ?? []) {
    const files = await filesOf(api, pod.metadata.namespace ?? '', volume, mounts);
    writeFolder(join(folder, volume.name), files);
  }
  return mounts;
}

/** Files by name; undefined for a folder that is the pod's own. */
async function filesOf(
  api: KubeApi,
  namespace: string,
  volume: Volume,
  mounts: readonly Mount[],
): Promise<Map<string, Buffer> | undefined> {
  if (volume.emptyDir !== undefined) return undefined;
  if (volume.configMap !== undefined) {
    const { data = {} } = await api.get(CONFIG_MAPS, { namespace, name: volume.configMap.name });
    return mapEntries(data, (text) => Buffer.from(rewriteMountPaths(text, mounts)));
  }
  if (volume.secret !== undefined) {
    const { data = {} } = await api.get(SECRETS, { namespace, name: volume.secret.secretName });
    return mapEntries(data, (text) => Buffer.from(text, 'base64'));
  }
  throw new Error(`volume ${volume.name} is neither a configMap, a secret nor an emptyDir`);
}

function mapEntries(
  data: Readonly<Record<string, string>>,
  toBytes: (text: string) => Buffer,
): Map<string, Buffer> {
  return new Map(Object.entries(data).map(([name, text]) => [name, toBytes(text)]));
}

/** Makes a folder's files as given, each changed at once as a whole; files of keys that are gone go. */
function writeFolder(folder: string, files: ReadonlyMap<string, Buffer> | undefined): void {
  mkdirSync(folder, { recursive: true });
  if (files === undefined) return;
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name), { force: true });
  for (const [name, bytes] of files) writeChanged(join(folder, name), bytes);
}

function writeChanged(file: string, bytes: Buffer): void {
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  const fresh = `${file}.${String(process.pid)}-new`;
  writeFileSync(fresh, bytes, { mode: FILE_MODE });
  renameSync(fresh, file);
}
