import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments, type Document } from 'yaml';
import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type KubeApi, type ResourceKind } from '../../kube/api.ts';
import { SERVED_KINDS } from '../kubernetes/request-path.ts';

/** What `applyObject` did. */
export type ApplyOutcome = 'created' | 'configured' | 'unchanged';

const FIELD_MANAGER = 'rehome-apply';
const STANDARD_INPUT = '-';

/** A file holds no Kubernetes objects; the message is for the person. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** The Kubernetes objects of a YAML or JSON file, `-` being standard input. Throws ManifestError. */
export function readManifest(file: string): KubeObject[] {
  let text: string;
  try {
    text = readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
  } catch (error) {
    throw new ManifestError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseManifest(text, file);
}

/** The Kubernetes objects in a text of one or several documents; a List gives its items. Throws ManifestError naming `file`. */
export function parseManifest(text: string, file: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document, index) => {
    const where = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const [problem] = document.errors;
    if (problem !== undefined) throw new ManifestError(`${where}: ${problem.message.split('\n')[0] ?? ''}`);
    const value = valueOf(document, where);
    return value === null ? [] : objectsIn(value, where);
  });
}

/** Throws ManifestError if aliases name nothing, or make far more of it than the text has. */
function valueOf(document: Document.Parsed, where: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ManifestError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function objectsIn(value: unknown, where: string): KubeObject[] {
  const { apiVersion, kind, metadata, items } = (value ?? {}) as Record<string, unknown>;
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item) => objectsIn(item, where));
  const { name } = (metadata ?? {}) as { name?: unknown };
  for (const [field, given] of Object.entries({ apiVersion, kind, 'metadata.name': name })) {
    if (typeof given !== 'string' || given === '')
      throw new ManifestError(`${where}: ${field} is missing: this is no Kubernetes object`);
  }
  return [value as KubeObject];
}

/** The kind of an object in a file, by its apiVersion and kind; undefined if there is none. */
export function kindOfObject({ apiVersion, kind }: KubeObject): ResourceKind | undefined {
  return SERVED_KINDS.find(
    (known) => known.kind === kind && apiVersion === [known.group, known.version].filter(Boolean).join('/'),
  );
}

/** kind.group/name, as kubectl writes it. */
export function qualifiedName({ group, kind }: ResourceKind, name: string): string {
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;
}

/** The object with the namespace that it goes to: its own, or `namespace` if it names none; none for kinds without. */
export function inNamespace(object: KubeObject, kind: ResourceKind, namespace: string): KubeObject {
  if (!kind.namespaced) return object;
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } };
}

/** Makes or changes an object as `kubectl apply` does. Rejects with KubeError. */
export async function applyObject(
  api: KubeApi,
  kind: ResourceKind,
  object: KubeObject,
): Promise<ApplyOutcome> {
  const { name, namespace = '' } = object.metadata;
  const before = await find(api, kind, { name, namespace });
  const after = await api.apply(kind, object, { fieldManager: FIELD_MANAGER });
  if (before === undefined) return 'created';
  return isDeepStrictEqual(meaning(before), meaning(after)) ? 'unchanged' : 'configured';
}

/** Without what changes by itself. */
function meaning(object: KubeObject): unknown {
  return { ...object, status: undefined, metadata: { ...object.metadata, resourceVersion: undefined } };
}

/** The object; undefined if there is none. */
async function find(
  api: KubeApi,
  kind: ResourceKind,
  ref: { name: string; namespace: string },
): Promise<KubeObject | undefined> {
  try {
    return await api.get(kind, ref);
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}
