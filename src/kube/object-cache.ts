import type { KubeObject } from '../api/object-type.ts';
import type { ObjectRef, WatchEvent } from './api.ts';

/** A change of one object: `before` is missing when it is new, `after` when it is gone. */
export interface Change<T extends KubeObject> {
  ref: ObjectRef;
  before: T | undefined;
  after: T | undefined;
}

/** The objects of a list-watch. An object of another uid is another object: the old one goes before the new one comes. */
export class ObjectCache<T extends KubeObject> {
  private readonly objects = new Map<string, T>();
  private readonly onChange: (change: Change<T>) => void;

  constructor(onChange: (change: Change<T>) => void) {
    this.onChange = onChange;
  }

  get(ref: ObjectRef): T | undefined {
    return this.objects.get(keyOf(ref));
  }

  list(): T[] {
    return [...this.objects.values()];
  }

  accept(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void {
    if (event.type === 'DELETED') this.remove(refOf(event.object));
    else this.put(event.object);
  }

  /** Makes the cache hold exactly `items`; how many objects that changed. */
  replaceAll(items: readonly T[]): number {
    const wanted = new Set(items.map((item) => keyOf(refOf(item))));
    const gone = [...this.objects].filter(([key]) => !wanted.has(key));
    for (const [, object] of gone) this.remove(refOf(object));
    return gone.length + items.filter((item) => this.put(item)).length;
  }

  /** Whether it is news. */
  private put(object: T): boolean {
    const ref = refOf(object);
    let before = this.get(ref);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return false;
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      this.remove(ref);
      before = undefined;
    }
    this.objects.set(keyOf(ref), object);
    this.onChange({ ref, before, after: object });
    return true;
  }

  private remove(ref: ObjectRef): void {
    const before = this.get(ref);
    if (before === undefined) return;
    this.objects.delete(keyOf(ref));
    this.onChange({ ref, before, after: undefined });
  }
}

function refOf(object: KubeObject): ObjectRef {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

function keyOf(ref: ObjectRef): string {
  return `${ref.namespace}/${ref.name}`;
}
