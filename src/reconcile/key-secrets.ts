import type { SipClusterSpec } from '../api/sip-cluster-type.ts';
import type { KeyRingName } from './observed.ts';

/** The rings of a cluster. */
export const KEY_RINGS: readonly KeyRingName[] = ['mesh', 'tokens'];

/** Name of the Secret with the keys of a ring: the user's, or the operator's own. */
export function keySecretName(
  cluster: string,
  spec: Pick<SipClusterSpec, 'keys'>,
  ring: KeyRingName,
): string {
  return givenName(spec, ring) ?? `${cluster}-${ring}`;
}

/** Whether the user has a Secret for it, whose keys are his own affair. */
export function isGiven(spec: Pick<SipClusterSpec, 'keys'>, ring: KeyRingName): boolean {
  return givenName(spec, ring) !== undefined;
}

function givenName({ keys }: Pick<SipClusterSpec, 'keys'>, ring: KeyRingName): string | undefined {
  return ring === 'mesh' ? keys.meshSecret : keys.tokenSecret;
}
