import type { KubeObject } from '../../api/object-type.ts';
import type { Followed } from './follow.ts';

/** The objects of a kind as they were followed, by namespace and name. */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();

  /** All objects, in no particular order. */
  all(): T[] {
    return [...this.#objects.values()];
  }

  /** Takes a change; the objects that it removed. */
  take(change: Followed<T>): T[] {
    if (change.type === 'SEEN') return this.#replace(change.objects);
    const key = keyOf(change.object);
    const before = this.#objects.get(key);
    if (change.type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, change.object);
    const isGone = change.type === 'DELETED' || before?.metadata.uid !== change.object.metadata.uid;
    return before !== undefined && isGone ? [before] : [];
  }

  #replace(objects: readonly T[]): T[] {
    const uids = new Set(objects.map(({ metadata }) => metadata.uid));
    const removed = this.all().filter(({ metadata }) => !uids.has(metadata.uid));
    this.#objects.clear();
    for (const object of objects) this.#objects.set(keyOf(object), object);
    return removed;
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
