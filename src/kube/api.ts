import type { KubeObject } from '../api/object-type.ts';

/** A kind of resource and how it is addressed. */
export interface ResourceKind<T extends KubeObject = KubeObject> {
  /** Only a type: what an object of this kind looks like. */
  readonly object?: T;
  /** '' for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** One object by name; `namespace` is '' for kinds without. */
export interface ObjectRef {
  namespace: string;
  name: string;
}

/** Which objects of a kind. */
export interface Selection {
  /** All namespaces if left out. */
  namespace?: string;
  /** Equality only: key to value. */
  labels?: Readonly<Record<string, string>>;
  /** Equality only: path to value. Servers know few paths: `metadata.name` of all kinds, `type` of Secrets and some more. */
  fields?: Readonly<Record<string, string>>;
}

/** An event of a watch. */
export type WatchEvent<T extends KubeObject> =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T } | { type: 'BOOKMARK'; resourceVersion: string };

/** RFC 6902, as far as it is used. */
export type JsonPatchOperation =
  { op: 'add' | 'replace' | 'test'; path: string; value: unknown } | { op: 'remove'; path: string };

/** What a subresource write goes to. */
export type Subresource = 'status' | 'scale';

/** The Kubernetes API as Rehome uses it. Every method rejects with `KubeError`. */
export interface KubeApi {
  get<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T>;
  list<T extends KubeObject>(
    kind: ResourceKind<T>,
    selection: Selection,
  ): Promise<{ items: T[]; resourceVersion: string }>;
  /**
   * Events after `resourceVersion`, in order, until the server ends the stream (resolves) or `signal` aborts (resolves).
   * Rejects with `Expired` (410) when the version is too old, and with `Silent` when nothing came for so long that it may be
   * one that the server does not know, as after it was set back to a backup: list again.
   */
  watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: Selection & { resourceVersion: string; signal: AbortSignal },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void>;
  /** `AlreadyExists` (409) if there is one of that name. */
  create<T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T>;
  /**
   * Server-side apply: makes or changes the object so that it has these fields; fields that this manager applied before and
   * does not name any more are removed. With `metadata.resourceVersion` a stale one is a `Conflict`.
   */
  apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: { fieldManager: string; subresource?: Subresource },
  ): Promise<T>;
  /** JSON patch; a `test` that fails, or a stale resourceVersion in one, is a `Conflict` (409) or `Invalid` (422). */
  patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options?: { subresource?: Subresource },
  ): Promise<T>;
  /** Pods go after their grace period: `deletionTimestamp` is set at once, the kubelet ends them. */
  delete(
    kind: ResourceKind,
    ref: ObjectRef,
    options?: { gracePeriodSeconds?: number; uid?: string },
  ): Promise<void>;
  /** Asks to evict a pod; `TooManyRequests` (429) while a PodDisruptionBudget forbids it. */
  evict(ref: ObjectRef, options?: { gracePeriodSeconds?: number }): Promise<void>;
}

/** Why a request was refused: `reason` of metav1.Status. */
export type KubeErrorReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'Expired'
  | 'TooManyRequests'
  | 'Timeout'
  | 'InternalError'
  | 'Silent'
  | 'Unreachable';

/**
 * A refusal of the API, or no answer (`Unreachable`, code 0): whether a write took place is then unknown. `Silent` (code 0) is
 * a watch of which nothing is heard.
 */
export class KubeError extends Error {
  readonly code: number;
  readonly reason: KubeErrorReason;
  /** For how long the server wants to be left alone, if it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: number, reason: KubeErrorReason, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'KubeError';
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
