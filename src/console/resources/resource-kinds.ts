import { didYouMean } from '../../api/did-you-mean.ts';
import type { ResourceKind } from '../../kube/api.ts';
import {
  CONFIG_MAPS,
  DIALOG_SHARDS,
  ENDPOINT_SLICES,
  EVENTS,
  LEASES,
  NETWORK_POLICIES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
  SIP_CLUSTERS,
} from '../../kube/kinds.ts';
import { UsageError } from '../usage-error.ts';

/** Kinds that commands know, with their short names. */
const KINDS: readonly (readonly [ResourceKind, ...string[]])[] = [
  [SIP_CLUSTERS, 'sipc'],
  [DIALOG_SHARDS, 'dsh'],
  [PODS, 'po'],
  [NODES, 'no'],
  [EVENTS, 'ev'],
  [LEASES],
  [CONFIG_MAPS, 'cm'],
  [SECRETS],
  [POD_DISRUPTION_BUDGETS, 'pdb'],
  [SERVICES, 'svc'],
  [ENDPOINT_SLICES],
  [NETWORK_POLICIES, 'netpol'],
];

/** One line for usage texts: plural and short name of every kind. */
export const KIND_NAMES: string = KINDS.map(([{ plural }, short]) =>
  short === undefined ? plural : `${plural} (${short})`,
).join(', ');

/** The kind of a name as people type it: plural, singular or short, in any case, with its group or without. */
export function kindNamed(typed: string): ResourceKind {
  const name = typed.toLowerCase();
  const found = KINDS.find((entry) => namesOf(entry).includes(name));
  if (found !== undefined) return found[0];
  const near = didYouMean(
    name,
    KINDS.flatMap(([{ plural }]) => plural),
  );
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  throw new UsageError(`there is no resource type "${typed}"${hint}; known are ${KIND_NAMES}`);
}

function namesOf([{ group, kind, plural }, ...short]: readonly [ResourceKind, ...string[]]): string[] {
  const names = [plural, kind.toLowerCase()];
  return [...names, ...names.map((name) => `${name}.${group}`), ...short];
}
