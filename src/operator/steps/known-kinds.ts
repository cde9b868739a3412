import type { KubeObject } from '../../api/object-type.ts';
import type { ResourceKind } from '../../kube/api.ts';
import {
  CONFIG_MAPS,
  DIALOG_SHARDS,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
  SIP_CLUSTERS,
} from '../../kube/kinds.ts';

const KINDS: readonly ResourceKind[] = [
  SIP_CLUSTERS,
  DIALOG_SHARDS,
  PODS,
  CONFIG_MAPS,
  SECRETS,
  SERVICES,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
];

/** How objects of this kind are addressed. Throws RangeError for a kind that the operator does not write. */
export function kindNamed(name: KubeObject['kind']): ResourceKind {
  const found = KINDS.find(({ kind }) => kind === name);
  if (found === undefined) throw new RangeError(`the operator does not write objects of kind ${name}`);
  return found;
}
