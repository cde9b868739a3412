import type { StoredObject } from './json.ts';

/**
 * Objects whose owners are all gone (garbage collection in the background): an owner that never was counts as gone.
 * An object with one living owner stays.
 */
export function orphansIn(
  objects: Iterable<[collection: string, object: StoredObject]>,
): [collection: string, object: StoredObject][] {
  const all = [...objects];
  const living = new Set(all.map(([, object]) => object.metadata.uid));
  return all.filter(([, { metadata }]) => {
    const owners = metadata.ownerReferences ?? [];
    if (metadata.deletionTimestamp !== undefined || owners.length === 0) return false;
    return !owners.some(({ uid }) => living.has(uid));
  });
}
