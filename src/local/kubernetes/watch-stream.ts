import type { KubeError, Selection, WatchEvent } from '../../kube/api.ts';
import type { KubeObject } from '../../api/object-type.ts';
import { memberOf, wireCopy, type StoredObject } from './json.ts';

/** One change of one object. */
export interface Change {
  /** Position of all changes in one row, and the object's new resourceVersion. */
  version: number;
  /** Key of the kind. */
  collection: string;
  before: StoredObject | undefined;
  /** Undefined when the object is gone. */
  after: StoredObject | undefined;
}

/** Whether an object is among those asked for. */
export function isSelected(object: StoredObject, selection: Selection): boolean {
  const { namespace, labels = {}, fields = {} } = selection;
  if (namespace !== undefined && (object.metadata.namespace ?? '') !== namespace) return false;
  const own = object.metadata.labels ?? {};
  return (
    Object.entries(labels).every(([key, value]) => own[key] === value) &&
    Object.entries(fields).every(([path, value]) => fieldAt(object, path) === value)
  );
}

function fieldAt(object: StoredObject, path: string): string {
  const value = path.split('.').reduce<unknown>(memberOf, object);
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** The change as a watcher of `selection` sees it: an object that leaves the selection is deleted for it. */
export function eventOf(change: Change, selection: Selection): WatchEvent<KubeObject> | undefined {
  const was = change.before !== undefined && isSelected(change.before, selection);
  const is = change.after !== undefined && isSelected(change.after, selection);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: wireCopy(change.after) };
  if (!was) return undefined;
  const object = wireCopy(change.after ?? change.before);
  object.metadata.resourceVersion = String(change.version);
  return { type: 'DELETED', object };
}

/** One watcher: events wait in a queue and are delivered in order, never while somebody writes. */
export class WatchStream {
  readonly collection: string;
  readonly selection: Selection;
  /** Resolves when the stream ends, rejects when its receiver throws or with `Expired`. */
  readonly ended: Promise<void>;
  private readonly onEvent: (event: WatchEvent<KubeObject>) => void;
  private readonly finish: PromiseWithResolvers<void> = Promise.withResolvers();
  private readonly queue: WatchEvent<KubeObject>[] = [];
  private delivering = false;
  private open = true;

  constructor(collection: string, selection: Selection, onEvent: (event: WatchEvent<KubeObject>) => void) {
    this.collection = collection;
    this.selection = selection;
    this.onEvent = onEvent;
    this.ended = this.finish.promise;
  }

  push(event: WatchEvent<KubeObject>): void {
    if (!this.open) return;
    this.queue.push(event);
    if (this.delivering) return;
    this.delivering = true;
    queueMicrotask(() => {
      this.deliver();
    });
  }

  /** Ends the stream: nothing is delivered any more. */
  end(error?: KubeError): void {
    this.open = false;
    this.queue.length = 0;
    if (error === undefined) this.finish.resolve();
    else this.finish.reject(error);
  }

  private deliver(): void {
    this.delivering = false;
    try {
      for (let event = this.queue.shift(); event !== undefined; event = this.queue.shift())
        this.onEvent(event);
    } catch (error) {
      this.open = false;
      this.queue.length = 0;
      this.finish.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
