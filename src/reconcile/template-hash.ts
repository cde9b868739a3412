import type { ClusterListener, PodTemplate, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { digest } from './digest.ts';
import { isEqual } from './equal.ts';

/**
 * What a field says that pods of an older operator were made without. Left out of the hash as long as it says this, it does
 * not replace pods when the operator is upgraded.
 */
const UNSAID = {
  podTemplate: {
    resources: {},
    tolerations: [],
    topologySpreadConstraints: [],
    imagePullSecrets: [],
    env: [],
  },
  listener: { hostPort: false },
  spec: { deletionWaitMs: 30_000 },
} as const;

/** What replaces pods when it changes; routes, targets, pacing and the number of copies reach pods without that. */
export function templateHash(spec: SipClusterSpec): string {
  const { image, podTemplate, nodeSelector, hostNetwork, portStep, listeners, failover } = spec;
  const { durability, protectTimeoutMs } = spec.replication;
  const { suspectAfterMs, delayMs, trustReset } = failover;
  const { topologyHiding, sip, log, limits } = spec;
  return digest({
    ...{ image, nodeSelector, hostNetwork, portStep },
    podTemplate: said<PodTemplate>(podTemplate, UNSAID.podTemplate),
    listeners: listeners.map((listener) => said<ClusterListener>(listener, UNSAID.listener)),
    replication: { durability, protectTimeoutMs },
    failover: { suspectAfterMs, delayMs, trustReset },
    ...{ topologyHiding, sip, log, limits },
    ...later(spec),
  });
}

/** What pods carry only where a user asks for it. */
function later({ keys, targets, deletionWaitMs }: SipClusterSpec): Record<string, unknown> {
  const { meshSecret, tokenSecret } = keys;
  const secrets = credentialSecrets(targets);
  return {
    ...said({ deletionWaitMs }, UNSAID.spec),
    meshSecret,
    tokenSecret,
    ...(secrets.length > 0 && { secrets }),
  };
}

/** Names of the Secrets with credentials of targets, each once. */
export function credentialSecrets(targets: SipClusterSpec['targets']): string[] {
  const names = targets.flatMap(({ credentials }) =>
    credentials === undefined ? [] : [credentials.secretName],
  );
  return [...new Set(names)].sort();
}

function said<T extends object>(fields: T, unsaid: object): Partial<T> {
  const defaults = new Map<string, unknown>(Object.entries(unsaid));
  const kept = Object.entries(fields).filter(([name, value]) => !isEqual(value, defaults.get(name)));
  return Object.fromEntries(kept) as Partial<T>;
}
