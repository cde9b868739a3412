import { parseSipClusterSpec } from '../api/sip-cluster.ts';
import type { SipCluster, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { KEY_RINGS, keySecretName } from '../reconcile/key-secrets.ts';
import { serviceKey } from '../reconcile/target-addresses.ts';
import { credentialSecrets } from '../reconcile/template-hash.ts';

/** Objects of others that a cluster names, each as `namespace/name`. */
export interface References {
  services: ReadonlySet<string>;
  secrets: ReadonlySet<string>;
}

/** Objects of the caches are replaced, never changed. */
const known = new WeakMap<SipCluster, References>();

/** What a cluster names, by its newest spec and by the one in force. */
export function referencesOf(cluster: SipCluster): References {
  const found = known.get(cluster) ?? readReferences(cluster);
  known.set(cluster, found);
  return found;
}

function readReferences({ metadata, spec, status }: SipCluster): References {
  const { name, namespace = '' } = metadata;
  const specs = [spec, status?.accepted?.spec].flatMap((written) => {
    const parsed = written === undefined ? undefined : parseSipClusterSpec(written, written);
    return parsed?.ok === true ? [parsed.value] : [];
  });
  const secrets = specs.flatMap((each) => secretNames(name, each)).map((each) => `${namespace}/${each}`);
  const services = specs.flatMap(({ targets }) =>
    targets.flatMap(({ service }) => (service === undefined ? [] : [serviceKey(service, namespace)])),
  );
  return { services: new Set(services), secrets: new Set(secrets) };
}

function secretNames(cluster: string, spec: SipClusterSpec): string[] {
  return [...KEY_RINGS.map((ring) => keySecretName(cluster, spec, ring)), ...credentialSecrets(spec.targets)];
}
