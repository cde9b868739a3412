import {
  KubeError,
  type ObjectRef,
  type ResourceKind,
  type Selection,
  type WatchEvent,
} from '../../kube/api.ts';
import type { KubeObject } from '../../api/object-type.ts';
import type { StoredObject } from './json.ts';
import { eventOf, isSelected, WatchStream, type Change } from './watch-stream.ts';

/** Changes that are remembered for watchers that come late. */
const HISTORY = 1000;

/** Key of a kind in the store. */
export function collectionOf(kind: Pick<ResourceKind, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** All objects, one row of versions over all of them, the last changes and who watches. */
export class ObjectStore {
  private readonly collections = new Map<string, Map<string, StoredObject>>();
  private readonly history: Change[] = [];
  private readonly streams = new Set<WatchStream>();
  // Never 0, which asks a watch for what there is now.
  private version = 1;
  /** Changes up to this one are forgotten. */
  private forgotten = 0;

  /** The version of the newest change. */
  get resourceVersion(): string {
    return String(this.version);
  }

  find(collection: string, ref: ObjectRef): StoredObject | undefined {
    return this.collections.get(collection)?.get(keyOf(ref.namespace, ref.name));
  }

  /** How many objects a collection has. */
  size(collection: string): number {
    return this.collections.get(collection)?.size ?? 0;
  }

  /** In the order of namespace and name. */
  select(collection: string, selection: Selection): StoredObject[] {
    const objects = [...(this.collections.get(collection) ?? [])];
    return objects
      .filter(([, object]) => isSelected(object, selection))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Every object with its collection. */
  *all(): Generator<[collection: string, object: StoredObject]> {
    for (const [collection, objects] of this.collections) {
      for (const object of objects.values()) yield [collection, object];
    }
  }

  /** Stores the object under the next version, which it returns it with. */
  put(collection: string, object: StoredObject): StoredObject {
    const objects = this.collections.get(collection) ?? new Map<string, StoredObject>();
    this.collections.set(collection, objects);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = objects.get(key);
    const version = ++this.version;
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    objects.set(key, after);
    this.record({ version, collection, before, after });
    return after;
  }

  remove(collection: string, object: StoredObject): void {
    this.collections.get(collection)?.delete(keyOf(object.metadata.namespace, object.metadata.name));
    this.record({ version: ++this.version, collection, before: object, after: undefined });
  }

  /** Watches from behind `resourceVersion`; from what there is now with '' or '0'. */
  watch(
    collection: string,
    selection: Selection & { resourceVersion: string; signal: AbortSignal },
    onEvent: (event: WatchEvent<KubeObject>) => void,
  ): Promise<void> {
    const stream = new WatchStream(collection, selection, onEvent);
    if (selection.signal.aborted) return Promise.resolve();
    this.replay(stream, selection.resourceVersion);
    const abort = (): void => {
      stream.end();
    };
    this.streams.add(stream);
    selection.signal.addEventListener('abort', abort, { once: true });
    return stream.ended.finally(() => {
      this.streams.delete(stream);
      selection.signal.removeEventListener('abort', abort);
    });
  }

  /** Tells every watcher how far it has come. */
  bookmark(): void {
    for (const stream of this.streams)
      stream.push({ type: 'BOOKMARK', resourceVersion: this.resourceVersion });
  }

  /** Ends all watches, as a server that restarts. */
  endWatches(): void {
    for (const stream of this.streams) stream.end();
  }

  /** Forgets all past changes, so that watches from an older version are `Expired`. */
  compact(): void {
    this.history.length = 0;
    this.forgotten = this.version;
  }

  private replay(stream: WatchStream, resourceVersion: string): void {
    if (resourceVersion === '' || resourceVersion === '0') {
      for (const after of this.select(stream.collection, stream.selection))
        this.tell(stream, { version: this.version, collection: stream.collection, before: undefined, after });
      return;
    }
    const from = Number(resourceVersion);
    if (!Number.isSafeInteger(from) || from < 0)
      throw new KubeError(400, 'BadRequest', `invalid resource version "${resourceVersion}"`);
    // A version from the future is one of a server that ran before: its state is gone.
    if (from < this.forgotten || from > this.version)
      throw new KubeError(
        410,
        'Expired',
        `too old resource version: ${resourceVersion} (${String(this.forgotten)})`,
      );
    for (const change of this.history) if (change.version > from) this.tell(stream, change);
  }

  private record(change: Change): void {
    this.history.push(change);
    if (this.history.length > HISTORY) this.forgotten = this.history.shift()?.version ?? this.forgotten;
    for (const stream of this.streams) this.tell(stream, change);
  }

  private tell(stream: WatchStream, change: Change): void {
    if (stream.collection !== change.collection) return;
    const event = eventOf(change, stream.selection);
    if (event !== undefined) stream.push(event);
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
