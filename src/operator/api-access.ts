import type { ApiAccess } from '../kube/credentials/access.ts';
import { findAccess } from '../kube/credentials/find-access.ts';
import { KubeconfigError } from '../kube/credentials/kubeconfig.ts';
import type { OperatorOptions } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The API server that the options name, else the one that is found. Throws KubeconfigError if there is none. */
export function operatorAccess(
  options: Pick<OperatorOptions, 'apiServer' | 'tokenFile' | 'caFile' | 'kubeconfig' | 'context'>,
  environment: Environment,
): ApiAccess {
  const { apiServer: server, tokenFile, caFile, kubeconfig, context } = options;
  if (server !== '')
    return {
      server,
      ...(tokenFile !== '' && { token: { file: tokenFile } }),
      ...(caFile !== '' && { ca: { file: caFile } }),
    };
  const named = { kubeconfig: kubeconfig || undefined, context: context || undefined };
  const found = findAccess(named, environment);
  if (found !== undefined) return found;
  throw new KubeconfigError(
    'no Kubernetes API: this process is no pod with a ServiceAccount, and there is no kubeconfig',
  );
}
