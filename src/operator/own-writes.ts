import type { KubeObject } from '../api/object-type.ts';
import type { ResourceKind } from '../kube/api.ts';

/** Whether the cache of a kind is at least as new as a resourceVersion. */
export type HasSeen = (plural: string, version: string) => boolean;

/**
 * The newest of the operator's own writes of one cluster. Nothing is planned before the caches have seen them: what a
 * plan did once, a plan on an older view of the world would do again.
 */
export class OwnWrites {
  readonly #newest = new Map<string, string>();

  /** Remembers an object as the API answered a write of it. */
  wrote(kind: ResourceKind, object: KubeObject): void {
    const version = object.metadata.resourceVersion ?? '';
    if (isNewer(version, this.#newest.get(kind.plural) ?? '')) this.#newest.set(kind.plural, version);
  }

  /** Whether the caches have seen all of them. */
  seenBy(hasSeen: HasSeen): boolean {
    for (const [plural, version] of this.#newest) {
      if (!hasSeen(plural, version)) return false;
      this.#newest.delete(plural);
    }
    return true;
  }
}

/** Resource versions of one kind are decimal numbers that grow (KEP-5504). */
function isNewer(left: string, right: string): boolean {
  return left.length === right.length ? left > right : left.length > right.length;
}
