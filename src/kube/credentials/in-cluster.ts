import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiAccess } from './access.ts';

/** Where the kubelet puts a pod's ServiceAccount. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

type Environment = Readonly<Record<string, string | undefined>>;

/** The access that a pod has by its ServiceAccount; undefined outside of a pod, or if the pod has none. */
export function inClusterAccess(
  environment: Environment,
  folder: string = SERVICE_ACCOUNT,
): ApiAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  const token = join(folder, 'token');
  if (!host || !existsSync(token)) return undefined;
  const namespace = namespaceIn(join(folder, 'namespace'));
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: { file: token },
    ca: { file: join(folder, 'ca.crt') },
    ...(namespace !== '' && { namespace }),
  };
}

function namespaceIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
