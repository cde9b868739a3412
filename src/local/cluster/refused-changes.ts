import { checkDialogShardChange, parseDialogShardSpec } from '../../api/dialog-shard.ts';
import { DIALOG_SHARDS } from '../../kube/kinds.ts';
import type { Validate } from '../kubernetes/object-checks.ts';

/**
 * What the rules of the CRDs forbid whoever writes it: the name of a tag, and its cluster, never change, since the calls of the old one
 * would have no owner. What is wrong with a spec by itself is for the operator to say.
 */
export const refusedChanges: Validate = (kind, object, old) => {
  if (kind.plural !== DIALOG_SHARDS.plural || old === undefined) return [];
  const [before, after] = [old, object].map(({ spec }) => parseDialogShardSpec(spec));
  if (before?.ok !== true || after?.ok !== true) return [];
  return checkDialogShardChange(before.value, after.value).map(({ path, message }) => `${path}: ${message}`);
};
