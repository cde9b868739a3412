import type { SipClusterSpec } from '../api/sip-cluster-type.ts';
import {
  CONFIG_DIRECTORY,
  CREDENTIALS_DIRECTORY,
  DATA_DIRECTORY,
  KEY_DIRECTORY,
  TOKEN_KEY_DIRECTORY,
} from './config-map.ts';
import { keySecretName } from './key-secrets.ts';
import { credentialSecrets } from './template-hash.ts';

/** A volume of a pod and where its container finds it. */
interface MountedVolume {
  name: string;
  source: object;
  mountPath: string;
}

/** The volumes of a pod's spec, and the mounts of its container. */
export function podVolumes(
  cluster: string,
  spec: SipClusterSpec,
): { volumes: object[]; volumeMounts: object[] } {
  const all = mountedVolumes(cluster, spec);
  return {
    volumes: all.map(({ name, source }) => ({ name, ...source })),
    volumeMounts: all.map(({ name, mountPath, source }) => ({
      name,
      mountPath,
      ...(!('emptyDir' in source) && { readOnly: true }),
    })),
  };
}

function mountedVolumes(cluster: string, spec: SipClusterSpec): MountedVolume[] {
  return [
    { name: 'config', source: { configMap: { name: `${cluster}-proxy` } }, mountPath: CONFIG_DIRECTORY },
    { name: 'keys', source: secret(keySecretName(cluster, spec, 'mesh')), mountPath: KEY_DIRECTORY },
    {
      name: 'token-keys',
      source: secret(keySecretName(cluster, spec, 'tokens')),
      mountPath: TOKEN_KEY_DIRECTORY,
    },
    ...credentialSecrets(spec.targets).map((secretName, index) => ({
      name: `credentials-${index}`,
      source: secret(secretName),
      mountPath: `${CREDENTIALS_DIRECTORY}/${secretName}`,
    })),
    // The root file system is read only.
    { name: 'data', source: { emptyDir: {} }, mountPath: DATA_DIRECTORY },
  ];
}

function secret(secretName: string): object {
  return { secret: { secretName } };
}
