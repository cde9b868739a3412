import type { ObjectRef, ResourceKind, Selection } from './api.ts';

/** `apiVersion` of a kind's objects. */
export function apiVersionOf(kind: ResourceKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** Path of all objects of a kind in a namespace; in all namespaces if it is ''. */
export function collectionPath(kind: ResourceKind, namespace: string): string {
  const group = kind.group === '' ? '/api' : `/apis/${kind.group}`;
  const scope = kind.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${group}/${kind.version}${scope}/${kind.plural}`;
}

/** Path of one object, or of a part of it. */
export function objectPath(kind: ResourceKind, ref: ObjectRef, part?: string): string {
  const suffix = part === undefined ? '' : `/${part}`;
  return `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}${suffix}`;
}

/** Query of a list or a watch: its labels and fields, and `more`. */
export function selectionQuery(selection: Selection, more: Record<string, string>): string {
  const query = new URLSearchParams(more);
  for (const [name, wanted] of [
    ['labelSelector', selection.labels],
    ['fieldSelector', selection.fields],
  ] as const) {
    const terms = Object.entries(wanted ?? {}).map(([key, value]) => `${key}=${value}`);
    if (terms.length > 0) query.set(name, terms.join());
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
