import type { KubeObject } from '../../api/object-type.ts';
import {
  KubeError,
  type JsonPatchOperation,
  type KubeApi,
  type ObjectRef,
  type ResourceKind,
  type Selection,
  type Subresource,
  type WatchEvent,
} from '../../kube/api.ts';
import { EVENTS, POD_DISRUPTION_BUDGETS, PODS } from '../../kube/kinds.ts';
import type { Pod, PodDisruptionBudget } from '../../kube/objects.ts';
import { boundPod, isBinding, type Binding } from './binding.ts';
import { budgetStatus, checkEviction } from './disruption.ts';
import { orphansIn } from './garbage.ts';
import { isObject, memberOf, wireCopy, type JsonObject, type StoredObject } from './json.ts';
import { jsonPatched } from './json-patch.ts';
import { merged, type ListMerge } from './merge.ts';
import { checkBody } from './object-checks.ts';
import { collectionOf, ObjectStore } from './object-store.ts';
import { ObjectWriter, type WriterOptions } from './object-writer.ts';
import { scaledTo, scaleOf } from './scale.ts';
import { checkPreconditions } from './write-rules.ts';

/** Events that are kept; the oldest go first. */
const MAX_EVENTS = 1000;
/** `terminationGracePeriodSeconds` of a pod that names none. */
const GRACE_SECONDS = 30;

/**
 * What the API takes from outside. `validate` may be left out: then every well-formed object is accepted. It is for what a
 * structural schema refuses, as a spec that is no object; other problems of a spec are the operator's to report.
 */
export interface MemoryOptions
  extends Omit<WriterOptions, 'validate'>, Partial<Pick<WriterOptions, 'validate'>> {
  /** Runs a task of the cluster's own controllers after a write; as a microtask if left out. */
  later?: (task: () => void) => void;
}

/**
 * The Kubernetes API in one process: versions, watches, conflicts, status and scale subresources, server-side apply,
 * graceful deletion of pods, evictions under budgets, and the controllers behind them (garbage collection, budget status).
 * Left out: defaults and schemas of CRDs, admission, namespaces as objects, paged lists, quotas, finalizers of its own.
 */
export class MemoryKubernetes implements KubeApi {
  private readonly store = new ObjectStore();
  private readonly writer: ObjectWriter;
  private readonly later: (task: () => void) => void;
  /** How each collection's kind is addressed, for the controllers. */
  private readonly kinds = new Map<string, ResourceKind>();
  private controllersDue = false;

  constructor(options: MemoryOptions) {
    this.writer = new ObjectWriter(this.store, { validate: () => [], ...options });
    this.later = options.later ?? queueMicrotask;
  }

  // The methods of KubeApi are asynchronous for all implementations; this one decides at once.
  get<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T> {
    return settle(() => wireCopy(this.live(kind, ref)) as T);
  }

  list<T extends KubeObject>(
    kind: ResourceKind<T>,
    selection: Selection,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    return settle(() => ({
      items: this.store.select(collectionOf(kind), selection).map((object) => wireCopy(object) as T),
      resourceVersion: this.store.resourceVersion,
    }));
  }

  watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: Selection & { resourceVersion: string; signal: AbortSignal },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    // The collection holds objects of this kind only.
    const receive = onEvent as (event: WatchEvent<KubeObject>) => void;
    return settle(() => this.store.watch(collectionOf(kind), options, receive));
  }

  create<T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T> {
    return settle(() => {
      if (isBinding(object)) return this.bind(object);
      checkBody(kind, object);
      const ref = refOf(object);
      if (this.store.find(collectionOf(kind), ref) !== undefined)
        throw new KubeError(409, 'AlreadyExists', `${collectionOf(kind)} "${ref.name}" already exists`);
      const stored = this.writer.create(kind, object);
      this.written(kind);
      return wireCopy(stored) as T;
    });
  }

  /** Fields of other managers are taken over unless `force` is false. */
  apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: { fieldManager: string; subresource?: Subresource; force?: boolean },
  ): Promise<T> {
    return settle(() => {
      const { fieldManager, subresource, force = true } = options;
      if (subresource === 'scale') return this.change(kind, refOf(object), subresource, () => object) as T;
      checkBody(kind, object);
      const live = this.store.find(collectionOf(kind), refOf(object));
      if (live !== undefined) checkPreconditions(collectionOf(kind), live, object.metadata);
      else if (subresource !== undefined || object.metadata.resourceVersion)
        throw notFound(kind, refOf(object));
      const part = subresource === 'status' ? 'status' : 'main';
      const stored = this.writer.apply(kind, live, object, { fieldManager, force, part });
      this.finishDeletion(kind, stored);
      this.written(kind);
      return wireCopy(stored) as T;
    });
  }

  patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: { subresource?: Subresource } = {},
  ): Promise<T> {
    return settle(
      () => this.change(kind, ref, options.subresource, (view) => jsonPatched(view, operations)) as T,
    );
  }

  /** Merge patch, or with lists by key strategic merge patch as far as adding and changing goes. */
  mergePatch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    patch: { body: unknown; lists: ListMerge; subresource?: Subresource },
  ): Promise<T> {
    return settle(
      () => this.change(kind, ref, patch.subresource, (view) => merged(view, patch.body, patch.lists)) as T,
    );
  }

  /** Writes all of an object, or of its subresource. */
  replace<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    body: unknown,
    subresource?: Subresource,
  ): Promise<T> {
    return settle(() => this.change(kind, ref, subresource, () => body) as T);
  }

  /** The scale subresource. */
  getScale(kind: ResourceKind, ref: ObjectRef): Promise<unknown> {
    return settle(() => scaleOf(this.live(kind, ref)));
  }

  delete(
    kind: ResourceKind,
    ref: ObjectRef,
    options: { gracePeriodSeconds?: number; uid?: string } = {},
  ): Promise<void> {
    return settle(() => {
      const live = this.live(kind, ref);
      checkPreconditions(collectionOf(kind), live, { uid: options.uid });
      this.remove(kind, live, options.gracePeriodSeconds);
      this.written(kind);
    });
  }

  evict(ref: ObjectRef, options: { gracePeriodSeconds?: number } = {}): Promise<void> {
    return settle(() => {
      const live = this.live(PODS, ref);
      checkEviction(wireCopy(live) as Pod, this.pods(), this.budgets());
      this.remove(PODS, live, options.gracePeriodSeconds);
      this.written(PODS);
    });
  }

  /** Sends every watcher a bookmark. */
  bookmark(): void {
    this.store.bookmark();
  }

  /** Ends all watches. */
  endWatches(): void {
    this.store.endWatches();
  }

  /** Forgets past changes: watches from an older version are `Expired`. */
  compact(): void {
    this.store.compact();
  }

  private live(kind: ResourceKind, ref: ObjectRef): StoredObject {
    const found = this.store.find(collectionOf(kind), ref);
    if (found === undefined) throw notFound(kind, ref);
    return found;
  }

  private change(
    kind: ResourceKind,
    ref: ObjectRef,
    subresource: Subresource | undefined,
    edit: (view: JsonObject) => unknown,
  ): KubeObject {
    const live = this.live(kind, ref);
    const edited = edit(subresource === 'scale' ? scaleOf(live) : live);
    if (!isObject(edited)) throw new KubeError(400, 'BadRequest', 'the body is no object');
    checkPreconditions(collectionOf(kind), live, edited['metadata']);
    const next = subresource === 'scale' ? scaledTo(live, edited) : edited;
    const stored = this.writer.update(kind, live, next, subresource === 'status' ? 'status' : 'main');
    this.finishDeletion(kind, stored);
    this.written(kind);
    return subresource === 'scale' ? (scaleOf(stored) as unknown as KubeObject) : wireCopy(stored);
  }

  private bind<T extends Binding>(binding: T): T {
    this.change(PODS, refOf(binding), undefined, (pod) => boundPod(pod, binding));
    return binding;
  }

  private remove(kind: ResourceKind, live: StoredObject, askedSeconds: number | undefined): void {
    const graceSeconds = kind.kind === 'Pod' ? podGrace(live, askedSeconds) : 0;
    const hold = graceSeconds > 0 || (live.metadata.finalizers ?? []).length > 0;
    if (!hold) this.writer.remove(kind, live);
    else if (graceSeconds < (live.metadata.deletionGracePeriodSeconds ?? Infinity))
      this.writer.markDeleted(kind, live, graceSeconds);
  }

  /** An object that is being deleted goes with its last finalizer, a pod not before the kubelet says so. */
  private finishDeletion(kind: ResourceKind, object: StoredObject): void {
    const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0 || deletionGracePeriodSeconds > 0) return;
    this.writer.remove(kind, object);
  }

  private written(kind: ResourceKind): void {
    this.kinds.set(collectionOf(kind), kind);
    if (this.controllersDue) return;
    this.controllersDue = true;
    this.later(() => {
      this.controllersDue = false;
      this.runControllers();
    });
  }

  private runControllers(): void {
    for (const [collection, orphan] of orphansIn(this.store.all())) {
      const kind = this.kinds.get(collection);
      if (kind === undefined) continue;
      this.remove(kind, orphan, undefined);
      this.written(kind);
    }
    for (const budget of this.budgets()) this.writeBudgetStatus(budget);
    this.forgetEvents(this.store.size(collectionOf(EVENTS)) - MAX_EVENTS);
  }

  private forgetEvents(surplus: number): void {
    if (surplus <= 0) return;
    const byAge = this.store.select(collectionOf(EVENTS), {}).sort((a, b) => versionOf(a) - versionOf(b));
    for (const event of byAge.slice(0, surplus)) this.writer.remove(EVENTS, event);
  }

  private writeBudgetStatus(budget: PodDisruptionBudget): void {
    const live = this.live(POD_DISRUPTION_BUDGETS, refOf(budget));
    const status = budgetStatus(budget, this.pods());
    this.writer.update(POD_DISRUPTION_BUDGETS, live, { ...live, status }, 'status');
  }

  private pods(): Pod[] {
    return this.store.select(collectionOf(PODS), {}).map((pod) => wireCopy(pod) as Pod);
  }

  private budgets(): PodDisruptionBudget[] {
    return this.store
      .select(collectionOf(POD_DISRUPTION_BUDGETS), {})
      .map((budget) => wireCopy(budget) as PodDisruptionBudget);
  }
}

/** A pod that runs nowhere, or whose containers ended, needs no time to end. */
function podGrace(pod: StoredObject, askedSeconds: number | undefined): number {
  const phase = memberOf(pod['status'], 'phase');
  if (!memberOf(pod['spec'], 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
  const own = memberOf(pod['spec'], 'terminationGracePeriodSeconds');
  return askedSeconds ?? (typeof own === 'number' ? own : GRACE_SECONDS);
}

function versionOf(object: StoredObject): number {
  return Number(object.metadata.resourceVersion);
}

function refOf(object: KubeObject): ObjectRef {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

function notFound(kind: ResourceKind, ref: ObjectRef): KubeError {
  return new KubeError(404, 'NotFound', `${collectionOf(kind)} "${ref.name}" not found`);
}

/** What a decision throws rejects, as the answer of a server would. */
function settle<T>(decide: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    resolve(decide());
  });
}
