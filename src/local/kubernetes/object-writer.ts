import { KubeError, type ResourceKind } from '../../kube/api.ts';
import { copyJson, sameJson, type JsonObject, type StoredObject } from './json.ts';
import {
  abandonedFields,
  changedFields,
  conflictingManagers,
  disowned,
  fieldsOf,
  withoutFields,
  type Fields,
  type ManagedFields,
} from './managed-fields.ts';
import { merged } from './merge.ts';
import { refuseInvalid, structuralProblems, type Validate } from './object-checks.ts';
import { collectionOf, type ObjectStore } from './object-store.ts';
import { asCreated, asUpdated, writableParts, type Part } from './write-rules.ts';

/** What the writer takes from outside. */
export interface WriterOptions {
  /** Milliseconds since 1970. */
  nowMs: () => number;
  newUid: () => string;
  validate: Validate;
}

/** Who applies, and whether it takes fields from managers that gave them other values. */
export interface Applier {
  fieldManager: string;
  force: boolean;
  part: Part;
}

/** Stores objects by the rules of the API: what a write may change, what it must be, and whose the fields are. */
export class ObjectWriter {
  private readonly store: ObjectStore;
  private readonly options: WriterOptions;
  /** By uid. */
  private readonly managed = new Map<string, ManagedFields>();

  constructor(store: ObjectStore, options: WriterOptions) {
    this.store = store;
    this.options = options;
  }

  /** The present time as RFC 3339 with whole seconds, as metadata has it; `laterMs` ahead. */
  timestamp(laterMs = 0): string {
    return new Date(this.options.nowMs() + laterMs).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  /** Stores a new object; the caller made sure that there is none of that name. */
  create(kind: ResourceKind, body: JsonObject): StoredObject {
    const server = { uid: this.options.newUid(), now: this.timestamp() };
    const object = copyJson(asCreated(kind, body, server));
    this.check(kind, object, undefined);
    return this.store.put(collectionOf(kind), object);
  }

  /** Stores what `next` says about `part` of `live`; the same content is no new version. */
  update(kind: ResourceKind, live: StoredObject, next: JsonObject, part: Part): StoredObject {
    const stored = this.commit(kind, live, next, part);
    this.disown(live, changesOf(kind, live, stored, part));
    return stored;
  }

  /** Server-side apply of `body` over `live`, or as a new object. */
  apply(
    kind: ResourceKind,
    live: StoredObject | undefined,
    body: JsonObject,
    applier: Applier,
  ): StoredObject {
    const { part } = applier;
    const manager = `${part}/${applier.fieldManager}`;
    const wanted = partFields(kind, body, part);
    const stored = live === undefined ? this.create(kind, body) : this.applyOver(kind, live, body, applier);
    if (live !== undefined) this.disown(live, changesOf(kind, live, stored, part), manager);
    const managed = new Map(this.managed.get(stored.metadata.uid));
    managed.set(manager, new Set(wanted.keys()));
    this.managed.set(stored.metadata.uid, managed);
    return stored;
  }

  /** Takes an object out of the store. */
  remove(kind: ResourceKind, live: StoredObject): void {
    this.store.remove(collectionOf(kind), live);
    this.managed.delete(live.metadata.uid);
  }

  /** Stores an object as being deleted. */
  markDeleted(kind: ResourceKind, live: StoredObject, graceSeconds: number): StoredObject {
    const metadata = {
      ...live.metadata,
      deletionTimestamp: this.timestamp(graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
      ...(live.metadata.generation === undefined ? {} : { generation: live.metadata.generation + 1 }),
    };
    return this.store.put(collectionOf(kind), { ...live, metadata });
  }

  private applyOver(
    kind: ResourceKind,
    live: StoredObject,
    body: JsonObject,
    applier: Applier,
  ): StoredObject {
    const { part, fieldManager, force } = applier;
    const manager = `${part}/${fieldManager}`;
    const managed = this.managed.get(live.metadata.uid) ?? new Map<string, ReadonlySet<string>>();
    const wanted = partFields(kind, body, part);
    const rivals = force ? [] : conflictingManagers(managed, manager, partFields(kind, live, part), wanted);
    if (rivals.length > 0)
      throw new KubeError(409, 'Conflict', `Apply failed with conflicts with ${rivals.join(', ')}`);
    const kept = withoutFields(live, abandonedFields(managed, manager, wanted));
    const next = merged(kept, writableParts(kind, body, part), 'by-key') as JsonObject;
    return this.commit(kind, live, next, part);
  }

  private commit(kind: ResourceKind, live: StoredObject, next: JsonObject, part: Part): StoredObject {
    const updated = copyJson(asUpdated(kind, live, next, part));
    if (sameJson(live, updated)) return live;
    if (part === 'main') this.check(kind, updated, live);
    return this.store.put(collectionOf(kind), updated);
  }

  private check(kind: ResourceKind, object: StoredObject, old: StoredObject | undefined): void {
    const problems = structuralProblems(kind, object, old);
    refuseInvalid(
      kind,
      object.metadata.name,
      problems.length > 0 ? problems : this.options.validate(kind, object, old),
    );
  }

  // A field that somebody else wrote is no longer its manager's: leaving it out of the next apply does not remove it.
  private disown(live: StoredObject, changed: ReadonlySet<string>, except?: string): void {
    const managed = this.managed.get(live.metadata.uid);
    if (managed !== undefined) this.managed.set(live.metadata.uid, disowned(managed, changed, except));
  }
}

function changesOf(
  kind: ResourceKind,
  before: StoredObject,
  after: StoredObject,
  part: Part,
): ReadonlySet<string> {
  return changedFields(partFields(kind, before, part), partFields(kind, after, part));
}

function partFields(kind: ResourceKind, object: JsonObject, part: Part): Fields {
  return fieldsOf(writableParts(kind, object, part));
}
