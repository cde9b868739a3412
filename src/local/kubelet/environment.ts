import type { Container, Pod } from '../../kube/objects.ts';

const METADATA_ENTRY = /^metadata\.(annotations|labels)\['([^']+)'\]$/;

/** The environment of a container as its pod's spec says. Throws Error if a field is asked for that there is not. */
export function environmentOf(pod: Pod, { env = [] }: Container): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of env)
    values[name] =
      valueFrom === undefined ? expand(value, values) : fieldOf(pod, valueFrom.fieldRef.fieldPath);
  return values;
}

/** `$(NAME)` is the variable of that name, `$$(NAME)` the text `$(NAME)`; what is not set stays as it is. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$)?\(([A-Za-z_][\w.-]*)\)/g, (whole, escaped: string | undefined, name: string) =>
    escaped === undefined ? (values[name] ?? whole) : whole.slice(1),
  );
}

function fieldOf(pod: Pod, path: string): string {
  const { metadata, spec, status } = pod;
  const [, map, key = ''] = METADATA_ENTRY.exec(path) ?? [];
  if (map !== undefined) return metadata[map as 'annotations' | 'labels']?.[key] ?? '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'status.podIP': status?.podIP,
    'status.hostIP': status?.hostIP,
  };
  if (!Object.hasOwn(fields, path)) throw new Error(`fieldPath ${path} is not supported`);
  return fields[path] ?? '';
}
