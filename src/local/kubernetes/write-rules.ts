import { KubeError, type ResourceKind } from '../../kube/api.ts';
import {
  isObject,
  memberOf,
  sameJson,
  without,
  type JsonObject,
  type StoredMeta,
  type StoredObject,
} from './json.ts';

/** Kinds whose status is written apart: a write of the object leaves it, a write of the status leaves the rest. */
const WITH_STATUS: readonly string[] = [
  'SipCluster',
  'DialogShard',
  'Pod',
  'Node',
  'PodDisruptionBudget',
  'Service',
];

/** What may be written of an object's metadata after its creation. */
const WRITABLE_META = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

/** What part of an object a write is about. */
export type Part = 'main' | 'status';

/** Whether the kind's status is written apart. */
export function hasStatusPart(kind: ResourceKind): boolean {
  return WITH_STATUS.includes(kind.kind);
}

/** The fields that a write of `part` is about, as one object. */
export function writableParts(kind: ResourceKind, object: JsonObject, part: Part): JsonObject {
  const { metadata, status } = object;
  const content = without(object, 'apiVersion', 'kind', 'metadata', 'status');
  if (part === 'status') return status === undefined ? {} : { status };
  const meta = Object.fromEntries(
    WRITABLE_META.filter((name) => memberOf(metadata, name) !== undefined).map((name) => [
      name,
      memberOf(metadata, name),
    ]),
  );
  const whole = hasStatusPart(kind) || status === undefined ? content : { ...content, status };
  return Object.keys(meta).length > 0 ? { metadata: meta, ...whole } : whole;
}

/** A new object as it is stored: without a status that is written apart, with what the server sets. */
export function asCreated(
  kind: ResourceKind,
  object: JsonObject,
  server: { uid: string; now: string },
): StoredObject {
  const { metadata, status, ...rest } = object;
  const content = withDefaults(kind, rest);
  const meta = {
    ...(isObject(metadata) ? metadata : {}),
    uid: server.uid,
    creationTimestamp: server.now,
    ...(hasStatusPart(kind) ? { generation: 1 } : {}),
  };
  for (const name of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'])
    Reflect.deleteProperty(meta, name);
  return { ...content, metadata: meta, ...firstStatus(kind, status) } as unknown as StoredObject;
}

/** The one default that somebody selects by. */
function withDefaults(kind: ResourceKind, content: JsonObject): JsonObject {
  return kind.kind === 'Secret' && content['type'] === undefined ? { ...content, type: 'Opaque' } : content;
}

// A kubelet makes its Node with a status, a Pod begins as pending, all others begin without.
function firstStatus(kind: ResourceKind, status: unknown): JsonObject {
  if (kind.kind === 'Pod') return { status: { phase: 'Pending' } };
  if (status === undefined || (hasStatusPart(kind) && kind.kind !== 'Node')) return {};
  return { status };
}

/** `next` as it is stored over `old`: only what a write of `part` may change is taken from it. */
export function asUpdated(kind: ResourceKind, old: StoredObject, next: JsonObject, part: Part): StoredObject {
  if (part === 'status') return withStatus(old, next['status']);
  const { metadata, status, ...rest } = next;
  const content = withDefaults(kind, rest);
  const meta: StoredMeta = { ...old.metadata };
  for (const name of WRITABLE_META) {
    const value = memberOf(metadata, name);
    if (value === undefined) Reflect.deleteProperty(meta, name);
    else Object.assign(meta, { [name]: value });
  }
  const fresh: StoredObject = { ...content, apiVersion: old.apiVersion, kind: old.kind, metadata: meta };
  const updated = withStatus(fresh, hasStatusPart(kind) ? old['status'] : status);
  if (hasStatusPart(kind) && !sameContent(old, updated)) meta.generation = (old.metadata.generation ?? 0) + 1;
  return updated;
}

function withStatus(object: StoredObject, status: unknown): StoredObject {
  const rest = without(object, 'status') as StoredObject;
  return status === undefined ? rest : { ...rest, status };
}

function sameContent(a: StoredObject, b: StoredObject): boolean {
  return sameJson(without(a, 'metadata', 'status'), without(b, 'metadata', 'status'));
}

/** Throws `Conflict` if the writer meant another version, or another object, than is there. */
export function checkPreconditions(name: string, live: StoredObject, metadata: unknown): void {
  const version = memberOf(metadata, 'resourceVersion');
  const uid = memberOf(metadata, 'uid');
  const reason =
    typeof uid === 'string' && uid !== '' && uid !== live.metadata.uid
      ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`
      : typeof version === 'string' && version !== '' && version !== live.metadata.resourceVersion
        ? 'the object has been modified; please apply your changes to the latest version and try again'
        : '';
  if (reason !== '')
    throw new KubeError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${name} "${live.metadata.name}": ${reason}`,
    );
}
