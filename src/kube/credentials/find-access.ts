import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ApiAccess } from './access.ts';
import { inClusterAccess } from './in-cluster.ts';
import { KubeconfigError, readKubeconfig } from './kubeconfig.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command line says of the API server. */
export interface AccessOptions {
  /** File; those of KUBECONFIG, or ~/.kube/config, if left out. */
  kubeconfig?: string | undefined;
  /** The current one if left out. */
  context?: string | undefined;
  /** Where the ServiceAccount's files are; the kubelet's place if left out. */
  serviceAccountFolder?: string;
}

/**
 * The API server to ask: of the kubeconfig that is named, else of the files in KUBECONFIG, else that of the pod this process
 * is in, else of ~/.kube/config. Undefined if there is none. Throws KubeconfigError if a file that is used does not serve, or
 * one that was named is not there.
 */
export function findAccess(options: AccessOptions, environment: Environment): ApiAccess | undefined {
  const { kubeconfig, context, serviceAccountFolder } = options;
  if (kubeconfig !== undefined) return named([kubeconfig], context);
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return named(listed, context);
  const own = context === undefined ? inClusterAccess(environment, serviceAccountFolder) : undefined;
  return own ?? readKubeconfig([join(environment['HOME'] ?? homedir(), '.kube', 'config')], context);
}

function named(files: readonly string[], context: string | undefined): ApiAccess {
  const access = readKubeconfig(files, context);
  if (access === undefined) throw new KubeconfigError(`there is no ${files.join(', ')}`);
  return access;
}
