import { copyJson, isObject, type JsonObject } from './json.ts';
import { keyedList } from './list-keys.ts';

/** How lists meet: as one value (RFC 7386), or item by item where items have keys (strategic merge, server-side apply). */
export type ListMerge = 'replace' | 'by-key';

/** A copy of `target` with `patch` laid over it; null removes a field (RFC 7386 §2). */
export function merged(target: unknown, patch: unknown, lists: ListMerge): unknown {
  return mergedField('', target, patch, lists);
}

function mergedField(name: string, target: unknown, patch: unknown, lists: ListMerge): unknown {
  if (isObject(patch)) return mergedObject(isObject(target) ? target : {}, patch, lists);
  if (lists === 'by-key') return mergedList(name, target, patch) ?? copyJson(patch);
  return copyJson(patch);
}

function mergedObject(target: JsonObject, patch: JsonObject, lists: ListMerge): JsonObject {
  const result = copyJson(target);
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = mergedField(name, target[name], value, lists);
  }
  return result;
}

// The order is that of the patch; items that it does not name come behind.
function mergedList(name: string, target: unknown, patch: unknown): unknown {
  const wanted = keyedList(name, patch);
  const live = keyedList(name, target);
  if (wanted === undefined || live === undefined) return undefined;
  const byKey = new Map(live.items.map((item) => [live.keyOf(item), item]));
  const named = wanted.items.map((item) => {
    const key = wanted.keyOf(item);
    const merging = mergedObject(byKey.get(key) ?? {}, item, 'by-key');
    byKey.delete(key);
    return merging;
  });
  return [...named, ...[...byKey.values()].map(copyJson)];
}
