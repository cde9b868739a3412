import { checkUnique } from './checks.ts';
import type { DialogShardSpec } from './dialog-shard-type.ts';
import { freeze } from './freeze.ts';
import type { Parsed, Problem } from './problem.ts';
import { list, MOST_ENTRIES, object, Place } from './schema.ts';
import type { Schema } from './schema.ts';
import { labelValue, name } from './schema-value.ts';

/** The schema of `spec` of a DialogShard. */
export const dialogShardSchema: Schema<DialogShardSpec> = object<DialogShardSpec>({
  clusterRef: {
    schema: name,
    doc: 'Name of the SipCluster that the tag belongs to, in the same namespace; it never changes.',
  },
  tag: {
    schema: name,
    doc: 'The sharing tag, unique in the cluster; it never changes, since calls know their tag by its name.',
  },
  group: {
    schema: labelValue,
    doc: 'Group of the tag. Calls get a tag of a group only by a route with this shardGroup; a tag of no group, the default, is for all others.',
    fallback: '',
  },
  preferredPods: {
    schema: list(name, 0, MOST_ENTRIES),
    doc: 'Names of pods that should own the tag while they can, best first; any pod if empty.',
    fallback: [],
  },
});

/** Reads `spec` of a DialogShard: all its problems, each with a path such as `spec.tag`, or the spec. */
export function parseDialogShardSpec(spec: unknown): Parsed<DialogShardSpec> {
  const place = new Place('spec');
  const draft = dialogShardSchema.read(spec, place);
  checkUnique(draft?.preferredPods ?? [], place.key('preferredPods'));
  if (place.problems.length > 0) return { ok: false, problems: place.problems };
  // Without problems nothing is missing from the draft.
  return { ok: true, value: freeze(draft as DialogShardSpec) };
}

/** What may not change between two specs that have no problems by themselves: calls know their tag by its name. */
export function checkDialogShardChange(old: DialogShardSpec, changed: DialogShardSpec): Problem[] {
  return (['clusterRef', 'tag'] as const)
    .filter((field) => old[field] !== changed[field])
    .map((field) => ({
      path: `spec.${field}`,
      code: 'CONFIG_CONFLICT',
      message: `never changes: it was ${old[field]}; make another DialogShard`,
    }));
}
