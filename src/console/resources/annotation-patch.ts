import type { KubeObject } from '../../api/object-type.ts';
import type { JsonPatchOperation } from '../../kube/api.ts';

/** Operations that set annotations of an object, or take away those whose value is undefined. */
export function annotationPatch(
  { metadata }: KubeObject,
  changes: ReadonlyMap<string, string | undefined>,
): JsonPatchOperation[] {
  const before = metadata.annotations ?? {};
  const operations: JsonPatchOperation[] = [];
  if (metadata.annotations === undefined)
    operations.push({ op: 'add', path: '/metadata/annotations', value: {} });
  for (const [key, value] of changes) {
    const path = `/metadata/annotations/${pointerPart(key)}`;
    if (value !== undefined) operations.push({ op: 'add', path, value });
    else if (Object.hasOwn(before, key)) operations.push({ op: 'remove', path });
  }
  return operations;
}

/** RFC 6901 §3. */
function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
